// Load-time work on one ffn_up matrix of 2B-4T, [6912][2560]: bytes/s are those of the packed codes.

#include <cstdint>
#include <vector>

#include "absl/log/check.h"
#include "benchmark/benchmark.h"
#include "bitnet/quant/digest.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/quant/tq.h"

namespace bitnet {
namespace {

constexpr int64_t kRows = 6912;
constexpr int64_t kCols = 2560;
constexpr int64_t kPackedBytes = kRows * kCols / 4;

std::vector<uint8_t> Codes() { return std::vector<uint8_t>(kPackedBytes, 0x96); }

void SetBytes(benchmark::State& state) { state.SetBytesProcessed(state.iterations() * kPackedBytes); }

void CheckCodes(benchmark::State& state) {
  const std::vector<uint8_t> packed = Codes();
  for (auto _ : state) CHECK_OK(CheckI2sCodes(packed, "t"));
  SetBytes(state);
}
BENCHMARK(CheckCodes);

void Count(benchmark::State& state) {
  const std::vector<uint8_t> packed = Codes();
  for (auto _ : state) benchmark::DoNotOptimize(CountTrits(packed));
  SetBytes(state);
}
BENCHMARK(Count);

void Unpack(benchmark::State& state) {
  const std::vector<uint8_t> packed = Codes();
  std::vector<int8_t> trits(kPackedBytes * 4);
  for (auto _ : state) UnpackI2s(packed, trits);
  SetBytes(state);
}
BENCHMARK(Unpack);

void RepackTq1(benchmark::State& state) {
  const std::vector<uint8_t> data(kRows * kCols / kTqBlock * kTq1BlockBytes);  // codes 0, scale 0
  std::vector<uint8_t> packed(kPackedBytes);
  for (auto _ : state) CHECK_OK(RepackTq1ToI2s(data, kRows, kCols, packed, "t").status());
  SetBytes(state);
}
BENCHMARK(RepackTq1);

void RepackTq2(benchmark::State& state) {
  const std::vector<uint8_t> data(kRows * kCols / kTqBlock * kTq2BlockBytes);
  std::vector<uint8_t> packed(kPackedBytes);
  for (auto _ : state) CHECK_OK(RepackTq2ToI2s(data, kRows, kCols, packed, "t").status());
  SetBytes(state);
}
BENCHMARK(RepackTq2);

void DigestTensor(benchmark::State& state) {
  const std::vector<uint8_t> packed = Codes();
  for (auto _ : state) benchmark::DoNotOptimize(TernaryTensorDigest("t", kRows, kCols, 1, packed));
  SetBytes(state);
}
BENCHMARK(DigestTensor);

}  // namespace
}  // namespace bitnet
