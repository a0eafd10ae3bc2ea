#include "bitnet/kernels/head/screened_head.h"

#include <algorithm>

#include "absl/log/check.h"
#include "bitnet/kernels/head/screen_kernels.h"

namespace bitnet {
namespace {

// Rows between two words to whom the table belongs: at 2560 values a row 5 MB.
constexpr int64_t kRowsDone = 1024;

QuantizePanelFn SelectQuantizer([[maybe_unused]] IsaSet isa) {
#if defined(__x86_64__)
  if (isa.Has(Isa::kAvx2)) return QuantizePanelAvx2;
#endif
  return QuantizePanelScalar;
}

}  // namespace

ScreenedHead ScreenedHead::Build(const F16* table, int64_t vocab, int64_t dim, IsaSet isa, ThreadPool& pool) {
  return Build(table, vocab, dim, isa, pool, [](std::span<const F16>) {});
}

ScreenedHead ScreenedHead::Build(const F16* table, int64_t vocab, int64_t dim, IsaSet isa, ThreadPool& pool,
                                 absl::FunctionRef<void(std::span<const F16> part)> done) {
  CHECK_GE(vocab, 1);
  CHECK(dim > 0 && dim % 32 == 0 && dim <= kMaxScreenDim) << "dim = " << dim;
  const int64_t panels = (vocab + kScreenPanelRows - 1) / kScreenPanelRows;
  const size_t rows = static_cast<size_t>(panels * kScreenPanelRows);
  ScreenedHead head;
  head.vocab_ = vocab;
  head.dim_ = dim;
  head.codes_ = AlignedBuffer<int8_t>(rows * static_cast<size_t>(dim));
  head.scale_ = AlignedBuffer<float>(rows);
  head.rest_ = AlignedBuffer<float>(rows);
  head.norm_ = AlignedBuffer<float>(rows);
  head.code_sum_ = AlignedBuffer<int32_t>(rows);
  const QuantizePanelFn quantize = SelectQuantizer(isa);
  pool.Run([&](int worker) {
    const auto [begin, end] = ThreadPool::Partition(panels, 1, worker, pool.size());
    int64_t first = begin * kScreenPanelRows;  // of the rows that `done` has not been told of
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t row = panel * kScreenPanelRows;
      quantize({.rows = table + row * dim,
                .count = std::min(kScreenPanelRows, vocab - row),
                .dim = dim,
                .codes = head.codes_.data() + row * dim,
                .scale = head.scale_.data() + row,
                .rest = head.rest_.data() + row,
                .norm = head.norm_.data() + row,
                .code_sum = head.code_sum_.data() + row});
      const int64_t next = std::min(row + kScreenPanelRows, vocab);
      if (next - first < kRowsDone && panel + 1 < end) continue;
      done({table + first * dim, static_cast<size_t>((next - first) * dim)});
      first = next;
    }
  });
  for (size_t row = 0; row < rows; ++row) {
    head.largest_norm_ = std::max(head.largest_norm_, double{head.rest_[row]} + double{head.norm_[row]});
  }
  return head;
}

std::vector<std::span<const uint8_t>> ScreenedHead::memory() const {
  const auto bytes = [](const auto& buffer) {
    return std::span(reinterpret_cast<const uint8_t*>(buffer.data()), buffer.span().size_bytes());
  };
  return {bytes(codes_), bytes(scale_), bytes(rest_), bytes(norm_), bytes(code_sum_)};
}

}  // namespace bitnet
