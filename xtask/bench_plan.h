// BenchPlan: what a comparison of two programs or two sets of options is going to run. Fixed before the first run, and
// written beside the receipts, so that nothing about it can be chosen by what came out.

#ifndef XTASK_BENCH_PLAN_H_
#define XTASK_BENCH_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bitnet/receipt/json_value.h"
#include "verify/compare/compare_policy.h"

namespace bitnet::xtask {

enum class BenchSide : uint8_t { kA, kB };  // the baseline and the current side

struct BenchSideSpec {
  std::vector<std::string> command;  // the program, after whatever it is to be started with
  std::vector<std::string> options;  // of `xtask benchmark`, this side's alone; and --strict
};

struct BenchPlan {
  BenchSideSpec a;
  BenchSideSpec b;
  std::vector<std::string> common;  // options of `xtask benchmark` for both sides
  uint64_t seed = 0;                // of the prompts
  verify::ComparePolicy policy;

  const BenchSideSpec& of(BenchSide side) const { return side == BenchSide::kA ? a : b; }
};

// Pair 0 is the warm-up, which is run and not compared. From pair 1 on the order is A B, B A, A B, ...: whatever grows
// or shrinks over time favours neither side.
BenchSide FirstOfPair(size_t pair);

// The same for both runs of a pair, and for no two pairs; below 2^53.
uint64_t PromptSeed(const BenchPlan& plan, size_t pair);

// "pair-07-a.json"
std::string ReceiptName(size_t pair, BenchSide side);

// The whole command line of one run.
std::vector<std::string> RunArguments(const BenchPlan& plan, size_t pair, BenchSide side, const std::string& receipt);

// Everything above that decides what is run: {"a", "b", "common", "looks", "order", "seed", "warm_up_pairs"}.
JsonValue PlanJson(const BenchPlan& plan);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCH_PLAN_H_
