// How long an audit takes, file reading and model hashing apart: every rule up to a level, on the honest receipt and on
// one that was filled up to the 64 KiB that a receipt may have.
//
//   ./bazelw run //verify:audit_benchmark
//
// `p99_us` is the 99th percentile of the single audits of a run, `max_us` the slowest.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/audit.h"
#include "verify/testing/fixture_context.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/rule_testing.h"
#include "verify/testing/signed_receipt.h"

namespace bitnet::verify {
namespace {

// An honest benchmark of many repetitions, in answer to the usual challenge: the text of at most `bytes` bytes with
// the most of them.
std::string LargeReceipt(size_t bytes) {
  std::string text;
  for (uint64_t samples = 8;; samples += 8) {
    HonestRun run;
    run.samples = samples;
    std::string larger = WriteReceiptJson(AnsweringReceipt(run));
    if (larger.size() > bytes) return text;
    text = std::move(larger);
  }
}

void RunAudits(benchmark::State& state, const std::string& text, Level level) {
  const FixtureContext context = UsualContext(level);
  std::vector<double> micros;
  Verdict verdict = Verdict::kReject;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const AuditReport report = AuditReceiptText(text, context.policy, TestNow(), context.artifacts);
    micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    verdict = report.verdict;
  }
  CHECK(verdict == Verdict::kAccept) << VerdictName(verdict) << " at level " << LevelName(level);
  std::ranges::sort(micros);
  state.counters["bytes"] = static_cast<double>(text.size());
  state.counters["p50_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[micros.size() - 1 - micros.size() / 100];
  state.counters["max_us"] = micros.back();
}

void BM_ReceiptL1(benchmark::State& state) { RunAudits(state, WriteReceiptJson(AnsweringReceipt()), Level::kL1); }
void BM_LargestReceiptL1(benchmark::State& state) { RunAudits(state, LargeReceipt(kMaxReceiptBytes), Level::kL1); }
void BM_SignedL3(benchmark::State& state) { RunAudits(state, SignedText(AnsweringReceipt()), Level::kL3); }
void BM_LargestSignedL3(benchmark::State& state) {
  RunAudits(state, attest::HonestBundle(LargeReceipt(kMaxReceiptBytes)), Level::kL3);
}

BENCHMARK(BM_ReceiptL1)->Unit(benchmark::kMicrosecond)->MinTime(2);
BENCHMARK(BM_LargestReceiptL1)->Unit(benchmark::kMicrosecond)->MinTime(2);
BENCHMARK(BM_SignedL3)->Unit(benchmark::kMicrosecond)->MinTime(2);
BENCHMARK(BM_LargestSignedL3)->Unit(benchmark::kMicrosecond)->MinTime(2);

}  // namespace
}  // namespace bitnet::verify
