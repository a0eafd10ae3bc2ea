// How long an audit takes, file reading and model hashing apart: every rule up to a level, on the honest receipt and on
// one that was filled up to the 64 KiB that a receipt may have.
//
//   ./bazelw run //verify:audit_benchmark
//
// `p50_us` and `p99_us` are percentiles over the single audits of a run by the wall clock, `cpu_p99_us` one by the
// thread's own processor time, which other programs on the machine do not add to.

#include <time.h>

#include <algorithm>
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

double Micros(clockid_t clock) {
  timespec time = {};
  CHECK_EQ(clock_gettime(clock, &time), 0);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// The smallest value that `percent` of 100 are not above.
double Percentile(std::vector<double> values, size_t percent) {
  CHECK(!values.empty());
  std::ranges::sort(values);
  return values[(values.size() * percent + 99) / 100 - 1];
}

void RunAudits(benchmark::State& state, const std::string& text, Level level) {
  const FixtureContext context = UsualContext(level);
  std::vector<double> wall;
  std::vector<double> cpu;
  Verdict verdict = Verdict::kReject;
  for (auto _ : state) {
    const double wall_begin = Micros(CLOCK_MONOTONIC);
    const double cpu_begin = Micros(CLOCK_THREAD_CPUTIME_ID);
    const AuditReport report = AuditReceiptText(text, context.policy, TestNow(), context.artifacts);
    cpu.push_back(Micros(CLOCK_THREAD_CPUTIME_ID) - cpu_begin);
    wall.push_back(Micros(CLOCK_MONOTONIC) - wall_begin);
    verdict = report.verdict;
  }
  CHECK(verdict == Verdict::kAccept) << VerdictName(verdict) << " at level " << LevelName(level);
  state.counters["bytes"] = static_cast<double>(text.size());
  state.counters["p50_us"] = Percentile(wall, 50);
  state.counters["p99_us"] = Percentile(wall, 99);
  state.counters["cpu_p99_us"] = Percentile(cpu, 99);
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
