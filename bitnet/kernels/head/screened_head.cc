#include "bitnet/kernels/head/screened_head.h"

#include <algorithm>

#include "absl/log/check.h"
#include "bitnet/kernels/head/screen_kernels.h"

namespace bitnet {
namespace {

QuantizePanelFn SelectQuantizer([[maybe_unused]] IsaSet isa) {
#if defined(__x86_64__)
  if (isa.Has(Isa::kAvx2)) return QuantizePanelAvx2;
#endif
  return QuantizePanelScalar;
}

}  // namespace

ScreenedHead ScreenedHead::Build(const F16* table, int64_t vocab, int64_t dim, IsaSet isa, ThreadPool& pool) {
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
    }
  });
  for (size_t row = 0; row < rows; ++row) {
    head.largest_norm_ = std::max(head.largest_norm_, double{head.rest_[row]} + double{head.norm_[row]});
  }
  return head;
}

}  // namespace bitnet
