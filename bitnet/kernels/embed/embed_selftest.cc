#include "bitnet/kernels/embed/embed_selftest.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/embed/reference.h"
#include "bitnet/kernels/known_answer.h"

namespace bitnet {
namespace {

constexpr int kHalves = 1 << 16;

// Every binary16 bit pattern there is, NaNs included, as the rows of a table; the last row may be cut off.
std::vector<F16> AllHalves() {
  std::vector<F16> halves(kHalves);
  for (int i = 0; i < kHalves; ++i) halves[i] = static_cast<F16>(i);
  return halves;
}

}  // namespace

absl::StatusOr<Digest> CheckEmbeddingLookup(KernelId kernel, EmbeddingLookupFn fn) {
  const std::vector<F16> table = AllHalves();
  KnownAnswer answer(kernel);
  for (int64_t dim : {1, 31, 33, 2048}) {
    const int64_t vocab = kHalves / dim;
    // All rows when they are long (that covers all 65536 values), else a few; from last to first.
    const int64_t rows = dim == 2048 ? vocab : 7;
    std::vector<int32_t> ids(rows);
    for (int64_t r = 0; r < rows; ++r) ids[r] = static_cast<int32_t>((rows - 1 - r) * (vocab / rows));
    std::vector<float> expected(rows * dim), got(rows * dim);
    EmbeddingLookupArgs args = {table.data(), vocab, dim, ids.data(), rows, expected.data()};
    EmbeddingLookupReference(args, 0, rows);
    args.out = got.data();
    fn(args, 0, rows);
    BITNET_RETURN_IF_ERROR(answer.Compare(absl::StrFormat("dim=%d", dim), expected, got));
  }
  return answer.Finish();
}

}  // namespace bitnet
