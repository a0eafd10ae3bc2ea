// ScreenedLogitsProjection: the largest logits, bit for bit those of LogitsProjection, without reading the whole head.
//
//   1. The hidden state is rounded to 14 bits, h = step * x + r. A kernel of op logits_screening multiplies x with the
//      int8 copy of every row, exactly, which gives each logit up to a bound (Cauchy-Schwarz):
//        |logit - step * scale * (x . code)| <= |h| |rest| (1 + g) + (|r| + g |h|) |scale * code|
//      g = (dim / 32 + 8) 2^-24 is what the binary32 sums of CA-1 may lose.
//   2. At least `largest` logits are as large as the largest-th lower bound. A row whose upper bound is smaller by more
//      than `within` is not among those that matter (LogitsKept); the others are the candidates, all ties included.
//   3. Logits of the candidates are computed from the head itself by the kernel of logits_projection.
// What is chosen from them is therefore what the whole head gives, and the number of candidates is a function of model
// and tokens, the same on every machine.
//
// Several token rows are screened together, so that the copy crosses the memory bus once for all of them; candidates
// are each row's own.

#ifndef BITNET_KERNELS_HEAD_SCREEN_H_
#define BITNET_KERNELS_HEAD_SCREEN_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/head/head_args.h"
#include "bitnet/kernels/head/screen_args.h"
#include "bitnet/kernels/head/screened_head.h"

namespace bitnet {

static_assert(kMaxScreenRows >= kMaxDecodeRows);

// Scratch for up to `rows` token rows, made once so that a token costs no allocation as long as no more than
// ScreenLimit logits are kept. Rows that are never used are never touched.
struct ScreenScratch {
  ScreenScratch(int64_t vocab, int64_t dim, int64_t rows = 1);

  int64_t rows = 0;
  AlignedBuffer<uint8_t> high, low;                  // [rows][dim]
  AlignedBuffer<float> lower, upper;                 // [rows][vocab, padded to whole panels]
  std::vector<std::vector<float>> best;              // [rows] the largest lower bounds, ascending
  std::vector<std::vector<int32_t>> candidates;      // [rows][ScreenLimit] at most
  std::array<bool, kMaxScreenRows> told_apart = {};  // [rows]
  int64_t head_rows = 0;                             // of the head that the last call read, for all rows together
};

// Which logits of a row matter: the `largest` largest, all that are equal to the last of them, and all that are less
// by `within` at most.
struct LogitsKept {
  int64_t largest = 0;  // 0: every logit matters
  double within = 0;    // finite, >= 0

  bool operator==(const LogitsKept&) const = default;
};

// More candidates than this are not worth picking out: the whole head is computed instead.
int64_t ScreenLimit(int64_t vocab);

// Writes args.logits [rows][vocab] of the token rows in args, up to scratch.rows: of each row exact for what is
// `kept` and for every one that could not be told from it, -infinity for all others. Returns for each row, in
// scratch, whether that is so; false where every logit was computed, because there were too many candidates or because
// some logit might overflow. `head` is of args.table; 1 <= kept.largest. Records one call of the screening kernel for
// all rows and one of the head's for each.
std::span<const bool> ScreenedLogitsProjection(KernelContext& ctx, const LogitsProjectionArgs& args,
                                               const ScreenedHead& head, const LogitsKept& kept,
                                               ScreenScratch& scratch);

// Runs `kernel` on fixed vectors and compares every bound with the plain answer, bit for bit, and with the logits that
// it must enclose. The digest of the answers is the same for every kernel. InternalError names the kernel, the case,
// the value expected and the one got.
absl::StatusOr<Digest> LogitsScreeningSelfTest(KernelId kernel);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_H_
