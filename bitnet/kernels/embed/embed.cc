#include "bitnet/kernels/embed/embed.h"

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/embed/embed_kernels.h"
#include "bitnet/kernels/embed/embed_selftest.h"
#include "bitnet/kernels/row_op.h"

namespace bitnet {

void EmbeddingLookup(KernelContext& ctx, const EmbeddingLookupArgs& args) {
  CHECK_GT(args.rows, 0);
  CHECK_GT(args.dim, 0);
  // The tokenizer and the command line check ids; one out of range here would read outside the mapped file.
  for (int64_t row = 0; row < args.rows; ++row) {
    CHECK(args.ids[row] >= 0 && args.ids[row] < args.vocab)
        << "token id " << args.ids[row] << " at row " << row << " is outside the vocabulary of " << args.vocab;
  }
  const KernelId kernel = SelectKernel(Op::kEmbeddingLookup, args.rows, ctx.isa);
  const EmbeddingLookupFn fn = FindEmbeddingLookupFn(kernel);
  ctx.Dispatch(kernel, EmbeddingWork(args.rows, args.dim), args.rows, RowGrain(args.dim),
               [&](int64_t begin, int64_t end) { fn(args, begin, end); });
}

absl::StatusOr<Digest> EmbeddingLookupSelfTest(KernelId kernel) {
  return CheckEmbeddingLookup(kernel, FindEmbeddingLookupFn(kernel));
}

}  // namespace bitnet
