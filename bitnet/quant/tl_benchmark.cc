// TL1 and TL2: pack and unpack, by instruction set and size.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "benchmark/benchmark.h"
#include "bitnet/quant/tl1.h"
#include "bitnet/quant/tl2.h"
#include "bitnet/quant/tl_testing.h"

namespace bitnet {
namespace {

struct Format {
  std::string name;
  std::optional<TlTiling> (*tiling)(int64_t rows, int64_t cols);
  uint64_t (*size)(int64_t rows, int64_t cols);
  decltype(TernaryCodec::pack) pack;
  decltype(TernaryCodec::unpack) unpack;
};

void Pack(benchmark::State& state, const Format& format, TlTiling tiling, IsaSet isa) {
  const std::vector<int8_t> trits = HashedTrits(tiling.rows * tiling.cols);
  std::vector<uint8_t> data(format.size(tiling.rows, tiling.cols));
  for (auto _ : state) {
    CHECK_OK(format.pack(trits, tiling.rows, tiling.cols, 1, TlParams(tiling, isa), data));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * tiling.rows * tiling.cols);
}

void Unpack(benchmark::State& state, const Format& format, TlTiling tiling, IsaSet isa) {
  std::vector<int8_t> trits = HashedTrits(tiling.rows * tiling.cols);
  std::vector<uint8_t> data(format.size(tiling.rows, tiling.cols));
  const CodecParams params = TlParams(tiling, isa);
  CHECK_OK(format.pack(trits, tiling.rows, tiling.cols, 1, params, data));
  for (auto _ : state) {
    CHECK_OK(format.unpack(data, tiling.rows, tiling.cols, params, "t", trits).status());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * tiling.rows * tiling.cols);
}

Isa Widest(IsaSet isa) {
  return isa.Has(Isa::kAvx512) ? Isa::kAvx512 : isa.Has(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar;
}

// 64 Ki and 1 Mi weights, and the largest matrix of the 2B model.
const bool kRegistered = [] {
  const Format formats[] = {{"tl1", DefaultTl1Tiling, Tl1Size, PackTl1, UnpackTl1},
                            {"tl2", DefaultTl2Tiling, Tl2Size, PackTl2, UnpackTl2}};
  constexpr std::pair<int64_t, int64_t> kShapes[] = {{128, 512}, {1024, 1024}, {6912, 2560}};
  for (const Format& format : formats) {
    for (const auto& [rows, cols] : kShapes) {
      const TlTiling tiling = *format.tiling(rows, cols);
      for (const IsaSet isa : TlIsas()) {
        const std::string name = format.name + "/" + std::to_string(rows) + "x" + std::to_string(cols) + "/" +
                                 std::string(IsaName(Widest(isa)));
        benchmark::RegisterBenchmark((name + "/pack").c_str(), Pack, format, tiling, isa);
        benchmark::RegisterBenchmark((name + "/unpack").c_str(), Unpack, format, tiling, isa);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
