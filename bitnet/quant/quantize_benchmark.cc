// Float weights to the bytes of a format and back, one thread. items/s are weights, bytes/s what is read and written:
// the floats (twice when quantizing, once for the scale and once for the trits) and the packed bytes.
//
//   quantize/<format>/<isa>/<elements>      dequantize/<format>/<isa>/<elements>
//   pattern/quantize/<pattern>/<isa>        the same work on other values: i2_s, 64 Ki elements
//   copy/<elements>, read/<elements>        memcpy of floats and reads of them: what memory and caches give

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/quantize.h"
#include "bitnet/quant/quantize_matrix.h"
#include "bitnet/quant/tl_tiling.h"
#include "bitnet/quant/weight_pattern.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {
namespace {

// 1 Ki to 1 Mi, and one size that no cache holds.
constexpr int64_t kSizes[] = {1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 25};
constexpr int64_t kPatternElements = 1 << 16;

// A matrix of one format, its floats and its bytes.
struct Work {
  int64_t rows, cols;
  std::optional<TlTiling> tiling;
  CodecParams params;
  AlignedBuffer<float> values;
  AlignedBuffer<uint8_t> data;
};

bool IsTl(const TernaryCodec& codec) { return codec.type == TensorType::kTl1 || codec.type == TensorType::kTl2; }

// Rows of 1024 columns. The tiles of TL1 and TL2 are at least 32 rows high, so that small matrices are narrower.
int64_t Cols(const TernaryCodec& codec, int64_t elements) {
  return IsTl(codec) ? std::min<int64_t>(1024, elements / 32) : 1024;
}

std::optional<TlTiling> Tiling(const TernaryCodec& codec, int64_t rows, int64_t cols) {
  if (!IsTl(codec)) return std::nullopt;
  return codec.type == TensorType::kTl1 ? DefaultTl1Tiling(rows, cols) : DefaultTl2Tiling(rows, cols);
}

// TL2 is at least 256 columns wide: nothing below 8 Ki elements.
bool HasShape(const TernaryCodec& codec, int64_t elements) {
  const int64_t cols = Cols(codec, elements);
  return !IsTl(codec) || Tiling(codec, elements / cols, cols).has_value();
}

void Fill(WeightPattern pattern, std::span<float> values) {
  const size_t made = std::min<size_t>(values.size(), 1 << 20);
  FillPattern(pattern, 1, values.first(made));
  for (size_t at = made; at < values.size(); at += made) std::copy_n(values.begin(), made, values.begin() + at);
}

std::unique_ptr<Work> MakeWork(const TernaryCodec& codec, Isa isa, int64_t elements, WeightPattern pattern) {
  const int64_t cols = Cols(codec, elements), rows = elements / cols;
  auto work = std::make_unique<Work>();
  work->rows = rows;
  work->cols = cols;
  work->tiling = Tiling(codec, rows, cols);
  work->params.isa = IsaClosure(isa);
  if (work->tiling) work->params.tiling = &*work->tiling;
  CHECK_OK(codec.check_shape(rows, cols, work->params));
  work->values = AlignedBuffer<float>(static_cast<size_t>(elements));
  work->data = AlignedBuffer<uint8_t>(codec.size(rows, cols));
  Fill(pattern, work->values.span());
  std::memset(work->data.data(), 1, work->data.size());  // no page faults while the clock runs
  return work;
}

void SetCounts(benchmark::State& state, const Work& work, int64_t float_passes) {
  const int64_t elements = work.rows * work.cols;
  state.SetItemsProcessed(state.iterations() * elements);
  state.SetBytesProcessed(state.iterations() * (float_passes * 4 * elements + static_cast<int64_t>(work.data.size())));
}

void QuantizeLoop(benchmark::State& state, const TernaryCodec* codec, Isa isa, int64_t elements, WeightPattern pattern,
                  QuantizeMethod method) {
  const std::unique_ptr<Work> work = MakeWork(*codec, isa, elements, pattern);
  for (auto _ : state) {
    CHECK_OK(Quantize(*codec, work->values.span(), work->rows, work->cols, method, work->params, work->data.span())
                 .status());
  }
  SetCounts(state, *work, 2);
}

void DequantizeLoop(benchmark::State& state, const TernaryCodec* codec, Isa isa, int64_t elements,
                    WeightPattern pattern) {
  const std::unique_ptr<Work> work = MakeWork(*codec, isa, elements, pattern);
  const absl::StatusOr<float> scale = Quantize(*codec, work->values.span(), work->rows, work->cols,
                                               QuantizeMethod::kAbsmax, work->params, work->data.span());
  CHECK_OK(scale.status());
  if (codec->scale_form != ScaleForm::kTail) {
    work->params.exact_scale = *scale;
    work->params.has_exact_scale = true;
  }
  for (auto _ : state) {
    CHECK_OK(
        Dequantize(*codec, work->data.span(), work->rows, work->cols, work->params, "t", work->values.span()).status());
  }
  SetCounts(state, *work, 1);
}

void Copy(benchmark::State& state, int64_t elements) {
  AlignedBuffer<float> from(static_cast<size_t>(elements)), to(from.size());
  std::memset(from.data(), 1, from.size() * sizeof(float));
  std::memset(to.data(), 1, to.size() * sizeof(float));
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), to.size() * sizeof(float));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * elements);
  state.SetBytesProcessed(state.iterations() * elements * 8);
}

// The C library's search for a byte that is not there: one thread, one stream.
void Read(benchmark::State& state, int64_t elements) {
  AlignedBuffer<uint8_t> bytes(static_cast<size_t>(elements) * sizeof(float));
  std::memset(bytes.data(), 1, bytes.size());
  for (auto _ : state) benchmark::DoNotOptimize(std::memchr(bytes.data(), 2, bytes.size()));
  state.SetItemsProcessed(state.iterations() * elements);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

WeightPattern Ternary(const TernaryCodec& codec) {
  return codec.has_zero ? WeightPattern::kTernary : WeightPattern::kBinary;
}

void RegisterFormat(const TernaryCodec& codec, Isa isa) {
  for (const int64_t elements : kSizes) {
    if (!HasShape(codec, elements)) continue;
    const std::string suffix = absl::StrCat("/", codec.name, "/", IsaName(isa), "/", elements);
    benchmark::RegisterBenchmark(("quantize" + suffix).c_str(), QuantizeLoop, &codec, isa, elements, Ternary(codec),
                                 QuantizeMethod::kAbsmax);
    benchmark::RegisterBenchmark(("dequantize" + suffix).c_str(), DequantizeLoop, &codec, isa, elements,
                                 Ternary(codec));
  }
}

const bool kRegistered = [] {
  for (const int64_t elements : kSizes) {
    benchmark::RegisterBenchmark(absl::StrCat("copy/", elements).c_str(), Copy, elements);
    benchmark::RegisterBenchmark(absl::StrCat("read/", elements).c_str(), Read, elements);
  }
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni}) {
    if (!DetectIsaSet().Has(isa)) continue;
    for (const TernaryCodec& codec : TernaryCodecs()) RegisterFormat(codec, isa);
    for (const WeightPattern pattern : WeightPatterns()) {
      const TernaryCodec* codec = FindTernaryCodec("i2_s");
      const std::string suffix = absl::StrCat("/", WeightPatternName(pattern), "/", IsaName(isa));
      benchmark::RegisterBenchmark(("pattern/quantize" + suffix).c_str(), QuantizeLoop, codec, isa, kPatternElements,
                                   pattern, QuantizeMethod::kAbsmean);
      benchmark::RegisterBenchmark(("pattern/dequantize" + suffix).c_str(), DequantizeLoop, codec, isa,
                                   kPatternElements, pattern);
    }
  }
  return true;
}();

}  // namespace
}  // namespace bitnet
