// Codecs and other load-time work on one thread; items/s are weights.
//
//   unpack/<codec>/<isa>/<rows>x<cols>     stored form -> trits; bytes/s are read and written together
//   pack/<codec>/<isa>/<rows>x<cols>       trits -> stored form
//   repack/<codec>/<isa>/<rows>x<cols>     stored form -> I2_S codes, as at load
//
// 64 x 1024 stays in the caches; 6912 x 2560 is ffn_up of 2B-4T.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/codec_testing.h"
#include "bitnet/quant/digest.h"
#include "bitnet/quant/i2s.h"

namespace bitnet {
namespace {

constexpr int64_t kRows = 6912;
constexpr int64_t kCols = 2560;
constexpr int64_t kPackedBytes = kRows * kCols / 4;
constexpr float kScale = 0.3712345f;

struct Shape {
  int64_t rows, cols;
};
constexpr Shape kShapes[] = {{64, 1024}, {kRows, kCols}};

std::vector<int8_t> Trits(const ShapedCodec& shaped) {
  return RandomTrits(shaped.elements(), shaped.codec().has_zero, 1);
}

void SetRates(benchmark::State& state, int64_t weights, int64_t bytes) {
  state.SetItemsProcessed(state.iterations() * weights);
  state.SetBytesProcessed(state.iterations() * bytes);
}

void Unpack(benchmark::State& state, const TernaryCodec* codec, Isa isa, Shape shape) {
  const ShapedCodec shaped(*codec, shape.rows, shape.cols);
  const std::vector<uint8_t> data = shaped.Pack(Trits(shaped), kScale);
  const CodecParams params = shaped.Params(IsaClosure(isa), kScale);
  std::vector<int8_t> trits(shaped.elements());
  for (auto _ : state) CHECK_OK(codec->unpack(data, shape.rows, shape.cols, params, "t", trits).status());
  SetRates(state, shaped.elements(), shaped.elements() + static_cast<int64_t>(data.size()));
}

void Pack(benchmark::State& state, const TernaryCodec* codec, Isa isa, Shape shape) {
  const ShapedCodec shaped(*codec, shape.rows, shape.cols);
  const std::vector<int8_t> trits = Trits(shaped);
  const CodecParams params = shaped.Params(IsaClosure(isa));
  std::vector<uint8_t> data(shaped.size());
  for (auto _ : state) CHECK_OK(codec->pack(trits, shape.rows, shape.cols, kScale, params, data));
  SetRates(state, shaped.elements(), shaped.elements() + static_cast<int64_t>(data.size()));
}

void Repack(benchmark::State& state, const TernaryCodec* codec, Isa isa, Shape shape) {
  const ShapedCodec shaped(*codec, shape.rows, shape.cols);
  const std::vector<uint8_t> data = shaped.Pack(Trits(shaped), kScale);
  const CodecParams params = shaped.Params(IsaClosure(isa), kScale);
  std::vector<uint8_t> packed(shaped.elements() / 4);
  for (auto _ : state) CHECK_OK(RepackToI2s(*codec, data, shape.rows, shape.cols, params, "t", packed).status());
  SetRates(state, shaped.elements(), static_cast<int64_t>(packed.size() + data.size()));
}

void RegisterAll() {
  const struct {
    const char* name;
    void (*run)(benchmark::State&, const TernaryCodec*, Isa, Shape);
  } operations[] = {{"unpack", Unpack}, {"pack", Pack}, {"repack", Repack}};
  for (const auto& operation : operations) {
    for (const TernaryCodec& codec : TernaryCodecs()) {
      for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
        if (!DetectIsaSet().Has(isa)) continue;
        for (const Shape shape : kShapes) {
          const std::string name =
              absl::StrCat(operation.name, "/", codec.name, "/", IsaName(isa), "/", shape.rows, "x", shape.cols);
          benchmark::RegisterBenchmark(name.c_str(), operation.run, &codec, isa, shape);
        }
      }
    }
  }
}
[[maybe_unused]] const int registered = (RegisterAll(), 0);

// The rest on ffn_up; bytes/s are those of the packed codes.

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

void DigestTensor(benchmark::State& state) {
  const std::vector<uint8_t> packed = Codes();
  for (auto _ : state) benchmark::DoNotOptimize(TernaryTensorDigest("t", kRows, kCols, 1, packed));
  SetBytes(state);
}
BENCHMARK(DigestTensor);

}  // namespace
}  // namespace bitnet
