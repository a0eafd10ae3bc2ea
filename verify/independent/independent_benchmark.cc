// What the independent path costs by parts, on the shapes of 2B-4T.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/philox.h"
#include "verify/independent/freivalds.h"
#include "verify/independent/loops.h"
#include "verify/independent/products.h"
#include "verify/independent/ternary.h"

namespace bitnet::verify::independent {
namespace {

// The gate of a layer.
constexpr int64_t kRows = 6912;
constexpr int64_t kCols = 2560;

std::vector<uint8_t> Codes() {
  std::vector<uint8_t> codes(static_cast<size_t>(kRows * kCols / 4));
  for (size_t i = 0; i < codes.size(); ++i) {
    const uint32_t word = PhiloxAt(1, 1, i)[0];
    codes[i] = static_cast<uint8_t>(word % 3 | (word >> 8) % 3 << 2 | (word >> 16) % 3 << 4 | (word >> 24) % 3 << 6);
  }
  return codes;
}

TernaryMatrix Matrix(std::span<const uint8_t> codes) {
  return {.name = "gate", .rows = kRows, .cols = kCols, .codes = codes, .scale = 1};
}

std::vector<int8_t> Input() {
  std::vector<int8_t> x;
  for (uint64_t i = 0; i < kCols; ++i)
    x.push_back(static_cast<int8_t>(static_cast<int>(PhiloxAt(2, 2, i)[0] % 255) - 127));
  return x;
}

std::vector<SecretPair> Secrets() {
  auto secrets = DrawSecrets(kRows);
  CHECK(secrets.ok()) << secrets.status();
  return *std::move(secrets);
}

void BM_Project(benchmark::State& state) {
  const std::vector<uint8_t> codes = Codes();
  const std::vector<SecretPair> secrets = Secrets();
  for (auto _ : state) benchmark::DoNotOptimize(Project(Matrix(codes), secrets));
  state.SetItemsProcessed(state.iterations() * kRows * kCols);
}
BENCHMARK(BM_Project)->Unit(benchmark::kMillisecond);

void BM_Accepts(benchmark::State& state) {
  const std::vector<uint8_t> codes = Codes();
  const FreivaldsKey key(Matrix(codes), Secrets());
  const std::vector<int8_t> x = Input();
  std::vector<int32_t> z(kRows);
  PlainProduct(Matrix(codes), BestLoops(), x, z);
  for (auto _ : state) CHECK(key.Accepts(x, z));
  state.SetItemsProcessed(state.iterations() * kRows * kCols);
}
BENCHMARK(BM_Accepts)->Unit(benchmark::kMicrosecond);

void BM_PlainProduct(benchmark::State& state) {
  const std::vector<uint8_t> codes = Codes();
  const std::vector<int8_t> x = Input();
  std::vector<int32_t> z(kRows);
  const Loops& loops = state.range(0) == 0 ? PlainLoops() : BestLoops();
  for (auto _ : state) PlainProduct(Matrix(codes), loops, x, z);
  state.SetItemsProcessed(state.iterations() * kRows * kCols);
}
BENCHMARK(BM_PlainProduct)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_Dot(benchmark::State& state) {
  const std::vector<float> a(kCols, 0.3f);
  const std::vector<float> b(kCols, 0.7f);
  const Loops& loops = state.range(0) == 0 ? PlainLoops() : BestLoops();
  for (auto _ : state) benchmark::DoNotOptimize(loops.dot(a.data(), b.data(), a.size()));
  state.SetItemsProcessed(state.iterations() * kCols);
}
BENCHMARK(BM_Dot)->Arg(0)->Arg(1);

}  // namespace
}  // namespace bitnet::verify::independent
