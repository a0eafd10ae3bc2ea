// Head screening: kernels and quantizers against the reference bit for bit, bounds against exact logits, and the choice
// against the whole head where it is hardest to make.

#include "bitnet/kernels/head/screen.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/kernels/context.h"
#include "bitnet/kernels/head/head_args.h"
#include "bitnet/kernels/head/reference.h"
#include "bitnet/kernels/head/screen_bounds.h"
#include "bitnet/kernels/head/screen_kernels.h"
#include "bitnet/kernels/head/screen_reference.h"
#include "bitnet/kernels/head/screen_selftest.h"
#include "bitnet/kernels/head/screened_head.h"
#include "bitnet/kernels/kernel_testing.h"
#include "bitnet/kernels/known_answer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A head and one hidden state.
struct Problem {
  Problem(int64_t vocab, int64_t dim, uint32_t seed) : vocab(vocab), dim(dim), rng(seed) {
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < vocab * dim; ++i) table.push_back(F32ToF16(0.02f * normal(rng)));
    for (int64_t i = 0; i < dim; ++i) h.push_back(normal(rng));
  }
  void SetRow(int64_t row, float factor, int64_t like) {
    for (int64_t i = 0; i < dim; ++i) {
      table[row * dim + i] = F32ToF16(factor * F16ToF32(table[like * dim + i]));
    }
  }
  LogitsProjectionArgs Args(std::vector<float>& logits) const {
    logits.assign(static_cast<size_t>(vocab), -7.0f);
    return {table.data(), vocab, dim, h.data(), 1, logits.data()};
  }
  std::vector<float> Exact() const {
    std::vector<float> logits;
    LogitsProjectionReference(Args(logits));
    return logits;
  }

  int64_t vocab, dim;
  std::mt19937 rng;
  std::vector<F16> table;
  std::vector<float> h;
};

std::vector<int32_t> InOrder(const std::vector<float>& logits) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::stable_sort(ids.begin(), ids.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });
  return ids;
}

// Screens `p` with every thread count and instruction set of this CPU and compares what it keeps with the whole head.
// Returns the rows of the head that were computed, the same for all.
uint64_t ExpectSameChoice(const Problem& p, const LogitsKept& kept, const std::string& name) {
  const int64_t keep = kept.largest;
  const std::vector<float> exact = p.Exact();
  const std::vector<int32_t> order = InOrder(exact);
  uint64_t rows = 0;
  bool first = true;
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni}) {
    if (!CpuHas(isa, "screening")) continue;
    for (int threads : {1, 3}) {
      SCOPED_TRACE(
          absl::StrFormat("%s, %s, %d threads, keep %d within %g", name, IsaName(isa), threads, keep, kept.within));
      ThreadPool pool(threads);
      Recorder recorder;
      KernelContext context{pool, recorder, IsaClosure(isa)};
      const ScreenedHead head = ScreenedHead::Build(p.table.data(), p.vocab, p.dim, IsaClosure(isa), pool);
      ScreenScratch scratch(p.vocab, p.dim);
      std::vector<float> logits;
      const bool screened = ScreenedLogitsProjection(context, p.Args(logits), head, kept, scratch).front();
      for (int64_t i = 0; i < std::min(keep, p.vocab); ++i) {
        EXPECT_EQ(std::bit_cast<uint32_t>(logits[order[i]]), std::bit_cast<uint32_t>(exact[order[i]])) << "place " << i;
      }
      for (size_t i = 0; i < exact.size(); ++i) {
        const bool left_out = logits[i] == -kInfinity;
        EXPECT_TRUE(std::bit_cast<uint32_t>(logits[i]) == std::bit_cast<uint32_t>(exact[i]) || (screened && left_out))
            << "logit " << i << " is " << logits[i] << ", the head gives " << exact[i];
        // Nothing as large as the last one kept is missing, so that ties are decided as by the whole head.
        if (left_out) {
          EXPECT_LT(double{exact[i]}, double{exact[order[std::min(keep, p.vocab) - 1]]} - kept.within) << i;
        }
      }
      const WorkCount screen = recorder.record(SelectKernel(Op::kLogitsScreening, 1, IsaClosure(isa))).work;
      EXPECT_EQ(screen, HeadScreenWork(1, p.vocab, p.dim));
      const WorkCount work = recorder.record(SelectKernel(Op::kLogitsProjection, 1, IsaClosure(isa))).work;
      const uint64_t computed = work.macs / p.dim;
      EXPECT_EQ(work, HeadRowsWork(computed, p.dim));
      EXPECT_EQ(computed, screened ? scratch.candidates[0].size() : static_cast<size_t>(p.vocab));
      EXPECT_TRUE(first || computed == rows) << computed << " rows, elsewhere " << rows;
      rows = computed;
      first = false;
    }
  }
  return rows;
}

class ScreenKernelTest : public KernelTest {};

// A hidden state, rounded, and memory for the bounds of its logits.
struct Token {
  Token(const std::vector<float>& h, size_t table_rows)
      : high(h.size()), low(h.size()), lower(table_rows, -7), upper(table_rows, -7) {
    rounded = RoundHidden(h, high.data(), low.data());
  }
  ScreenToken View() {
    return {high.data(),         low.data(),   rounded.step, rounded.rest_factor,
            rounded.norm_factor, lower.data(), upper.data()};
  }
  std::vector<uint8_t> high, low;
  RoundedHidden rounded;
  std::vector<float> lower, upper;
};

TEST_P(ScreenKernelTest, EqualsReferenceOverShapes) {
  for (int64_t dim : {32, 64, 96, 128, 640}) {
    for (int64_t vocab : {1, 15, 16, 17, 127, 128, 129, 16 * 19 + 5}) {
      Problem p(vocab, dim, static_cast<uint32_t>(vocab + dim));
      ThreadPool pool(1);
      const ScreenedHead head = ScreenedHead::Build(p.table.data(), vocab, dim, {Isa::kScalar}, pool);
      const size_t table_rows = static_cast<size_t>((vocab + 15) / 16 * 16);
      const int64_t panels = static_cast<int64_t>(table_rows) / 16;
      for (int64_t tokens = 1; tokens <= kMaxScreenRows; ++tokens) {
        std::vector<Token> want, got;
        for (int64_t t = 0; t < tokens; ++t) {
          for (float& value : p.h) value = static_cast<float>(static_cast<int>(p.rng() % 2001)) - 1000;
          want.emplace_back(p.h, table_rows);
          got.emplace_back(p.h, table_rows);
        }
        std::vector<ScreenToken> wanted, views;
        for (Token& token : want) wanted.push_back(token.View());
        for (Token& token : got) views.push_back(token.View());
        ScreenReference({head.table(), wanted.data(), tokens});
        const ScreenArgs args = {head.table(), views.data(), tokens};
        const int64_t cut = panels * (tokens % 4) / 3;
        FindScreenFn(GetParam())(args, 0, std::min(cut, panels));
        FindScreenFn(GetParam())(args, std::min(cut, panels), panels);
        for (int64_t t = 0; t < tokens; ++t) {
          const std::string name = absl::StrFormat("vocab %d dim %d token %d of %d", vocab, dim, t, tokens);
          ExpectSameBits(want[t].lower, got[t].lower, name + " lower");
          ExpectSameBits(want[t].upper, got[t].upper, name + " upper");
        }
      }
    }
  }
}

// The largest sums that there are, at the largest dim that a head may have, in every number of tokens that share what
// is read, and in panels enough that they advance in lockstep.
TEST_P(ScreenKernelTest, ExactAtExtremes) {
  constexpr int64_t kPanels = 9;
  for (float sign : {1.0f, -1.0f}) {
    const int64_t vocab = 16 * kPanels;
    std::vector<F16> table(vocab * kMaxScreenDim, F32ToF16(sign));
    ThreadPool pool(2);
    const ScreenedHead head = ScreenedHead::Build(table.data(), vocab, kMaxScreenDim, DetectIsaSet(), pool);
    for (int x : {0, 127}) {
      const std::vector<uint8_t> high(kMaxScreenDim, static_cast<uint8_t>(x)), low(kMaxScreenDim, 127);
      std::vector<float> want_lower(vocab), want_upper(vocab);
      const ScreenToken want = {high.data(), low.data(), 0.5, 1, 1, want_lower.data(), want_upper.data()};
      ScreenReference({head.table(), &want, 1});
      for (int64_t tokens : {1, 2, 3, 4, 5}) {
        std::vector<std::vector<float>> lower(tokens, std::vector<float>(vocab, -7)), upper = lower;
        std::vector<ScreenToken> got;
        for (int64_t t = 0; t < tokens; ++t) {
          got.push_back({high.data(), low.data(), 0.5, 1, 1, lower[t].data(), upper[t].data()});
        }
        FindScreenFn(GetParam())({head.table(), got.data(), tokens}, 0, kPanels);
        for (int64_t t = 0; t < tokens; ++t) {
          ExpectSameBits(want_lower, lower[t], absl::StrFormat("lower of token %d of %d", t, tokens));
          ExpectSameBits(want_upper, upper[t], absl::StrFormat("upper of token %d of %d", t, tokens));
        }
      }
    }
  }
}

TEST_P(ScreenKernelTest, SelfTestPassesWithTheOpsDigest) {
  const absl::StatusOr<Digest> digest = LogitsScreeningSelfTest(GetParam());
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_EQ(ToHex(*digest), ToHex(*LogitsScreeningSelfTest(KernelId::kHeadI8Scalar)));
}

INSTANTIATE_TEST_SUITE_P(All, ScreenKernelTest, testing::ValuesIn(KernelsOf(Op::kLogitsScreening)), KernelTestName);

void LosesTheLowBits(const ScreenArgs& args, int64_t begin, int64_t end) {
  HeadI8Scalar(args, begin, end);
  float* const upper = args.tokens[args.rows - 1].upper;
  for (int64_t row = begin * 16; row < end * 16; ++row) upper[row] = std::nextafter(upper[row], -kInfinity);
}

TEST(ScreenSelfTest, NamesABrokenKernel) {
  const absl::Status status = CheckLogitsScreening(KernelId::kHeadI8Avx2, LosesTheLowBits).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("head_i8_avx2"), std::string::npos) << status;
  EXPECT_NE(status.message().find("vocab=1 dim=32 random token 1 of 1 upper"), std::string::npos) << status;
}

// Codes, scales and both norms of every quantizer; the norms in binary64 are not above what is stored.
TEST(ScreenedHeadTest, QuantizersAgreeAndRoundUp) {
  Problem p(37, 160, 5);
  p.SetRow(3, 0, 3);         // all zero
  p.SetRow(4, 0x1p-20f, 4);  // subnormal values
  p.SetRow(5, 0x1p20f, 5);   // infinite ones would be refused at load
  for (F16& value : std::span(p.table).subspan(5 * 160, 160)) value = F32ToF16(std::fmin(60000, F16ToF32(value)));
  ThreadPool pool(2);
  const ScreenedHead scalar = ScreenedHead::Build(p.table.data(), p.vocab, p.dim, {Isa::kScalar}, pool);
  const ScreenedHead best = ScreenedHead::Build(p.table.data(), p.vocab, p.dim, DetectIsaSet(), pool);
  const ScreenTable a = scalar.table(), b = best.table();
  for (int64_t i = 0; i < 48 * p.dim; ++i) ASSERT_EQ(a.codes[i], b.codes[i]) << i;
  for (int64_t row = 0; row < 48; ++row) {
    EXPECT_EQ(a.code_sum[row], b.code_sum[row]) << row;
    EXPECT_EQ(a.scale[row], b.scale[row]) << row;
    EXPECT_EQ(a.rest[row], b.rest[row]) << row;
    EXPECT_EQ(a.norm[row], b.norm[row]) << row;
    if (row >= p.vocab) {
      EXPECT_EQ(a.scale[row], 0) << row;
      continue;
    }
    long double rest = 0, norm = 0;
    for (int64_t i = 0; i < p.dim; ++i) {
      const long double coded =
          static_cast<long double>(a.scale[row]) * a.codes[row / 16 * 16 * p.dim + i / 4 * 64 + row % 16 * 4 + i % 4];
      const long double lacking = F16ToF32(p.table[row * p.dim + i]) - coded;
      rest += lacking * lacking;
      norm += coded * coded;
    }
    EXPECT_LE(std::sqrt(rest), a.rest[row]) << row;
    EXPECT_LE(std::sqrt(norm), a.norm[row]) << row;
    EXPECT_LE(a.rest[row], std::sqrt(rest) * 1.0001L + 1e-20L) << row << ": of no use if it is far too large";
    EXPECT_LE(a.norm[row], std::sqrt(norm) * 1.0001L) << row;
    EXPECT_LE(std::sqrt(rest) + std::sqrt(norm), scalar.largest_norm()) << row;
  }
}

// Every row of the table is done once.
TEST(ScreenedHeadTest, SaysWhatHasBeenRead) {
  const Problem p(5003, 32, 6);
  for (int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::mutex mutex;
    std::vector<int> done(p.table.size());
    const ScreenedHead head =
        ScreenedHead::Build(p.table.data(), p.vocab, p.dim, DetectIsaSet(), pool, [&](std::span<const F16> part) {
          const std::lock_guard<std::mutex> lock(mutex);
          for (const F16& value : part) ++done[static_cast<size_t>(&value - p.table.data())];
        });
    EXPECT_EQ(std::count(done.begin(), done.end(), 1), static_cast<int64_t>(done.size())) << threads;
  }
}

TEST(ScreenTest, KeepsWhatTheWholeHeadWouldChoose) {
  for (uint32_t seed = 0; seed < 6; ++seed) {
    const Problem p(3001, 256, seed);
    for (int64_t keep : {1, 2, 5, 42}) {
      const uint64_t rows = ExpectSameChoice(p, {keep}, absl::StrFormat("seed %d", seed));
      EXPECT_GE(rows, static_cast<uint64_t>(keep));
      EXPECT_LE(rows, 187u) << "screening rules nothing out";
    }
  }
}

// All that are nearly as large as the last one kept, and few besides.
TEST(ScreenTest, KeepsWhatIsWithinASpan) {
  for (uint32_t seed = 0; seed < 4; ++seed) {
    const Problem p(3001, 256, seed);
    const std::vector<float> exact = p.Exact();
    const std::vector<int32_t> order = InOrder(exact);
    for (int64_t keep : {1, 3}) {
      for (size_t also : {size_t{0}, size_t{1}, size_t{10}, size_t{60}}) {
        // The span reaches to the logit of a row exactly, which must be there.
        const double within = double{exact[order[keep - 1]]} - double{exact[order[keep - 1 + also]]};
        const uint64_t rows = ExpectSameChoice(p, {keep, within}, absl::StrFormat("seed %d", seed));
        EXPECT_GE(rows, keep + also);
        EXPECT_LE(rows, 187u) << "screening rules nothing out";
      }
    }
    EXPECT_EQ(ExpectSameChoice(p, {1, 1e300}, "everything is within"), 3001u);
  }
}

// Logits that differ by an ulp or not at all, among rows whose codes are equal.
TEST(ScreenTest, NearTies) {
  Problem p(1000, 256, 77);
  const std::vector<int32_t> order = InOrder(p.Exact());
  for (int64_t i = 1; i < 12; ++i) p.SetRow(order[900 + i], 1, order[0]);  // the same logit
  for (int64_t i = 12; i < 24; ++i) {
    p.SetRow(order[900 + i], 1, order[0]);
    p.table[order[900 + i] * p.dim + i] ^= 1;  // one value by one unit in the last place
  }
  EXPECT_GE(ExpectSameChoice(p, {2}, "ties"), 24u);
  EXPECT_GE(ExpectSameChoice(p, {24}, "all of the ties"), 24u);
}

// More ties than are worth picking out: all logits are computed.
TEST(ScreenTest, TooManyCandidatesMeansTheWholeHead) {
  Problem p(512, 64, 3);
  for (int64_t row = 1; row < 512; ++row) p.SetRow(row, 1, 0);
  EXPECT_EQ(ExpectSameChoice(p, {2}, "all rows alike"), 512u);
  EXPECT_EQ(ExpectSameChoice(Problem(512, 64, 3), {512}, "all wanted"), 512u);
  EXPECT_EQ(ExpectSameChoice(Problem(512, 64, 3), {600}, "more than there are"), 512u);
}

TEST(ScreenTest, HugeAndTinyRows) {
  Problem p(2000, 128, 9);
  for (int64_t row = 0; row < 2000; row += 7) p.SetRow(row, row % 2 == 0 ? 0x1p19f : 0x1p-18f, row);
  for (F16& value : p.table) value = F32ToF16(std::clamp(F16ToF32(value), -60000.0f, 60000.0f));
  ExpectSameChoice(p, {3}, "rows of all sizes");
  for (float& value : p.h) value *= 0x1p-140f;  // below the normal range
  ExpectSameChoice(p, {3}, "subnormal hidden state");
  std::fill(p.h.begin(), p.h.end(), 0.0f);
  EXPECT_EQ(ExpectSameChoice(p, {3}, "no hidden state"), 2000u);
  p.h[5] = 1;
  ExpectSameChoice(p, {3}, "one value");
}

// Rows that are screened together come out as each alone, among them one that cannot be screened, and are counted as
// one call of the screening kernel and as many of the head's.
TEST(ScreenTest, RowsTogetherAreRowsAlone) {
  constexpr int64_t kVocab = 16 * 70 + 3, kDim = 128, kRows = 5, kKeep = 3;
  Problem p(kVocab, kDim, 9);
  std::vector<float> hidden;
  for (int64_t row = 0; row < kRows; ++row) {
    for (float& value : p.h) value = static_cast<float>(static_cast<int>(p.rng() % 2001) - 1000) / 500;
    if (row == 2) std::fill(p.h.begin(), p.h.end(), 3e38f);
    hidden.insert(hidden.end(), p.h.begin(), p.h.end());
  }
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni}) {
    if (!CpuHas(isa, "screening")) continue;
    for (int threads : {1, 3}) {
      SCOPED_TRACE(absl::StrFormat("%s, %d threads", IsaName(isa), threads));
      ThreadPool pool(threads);
      Recorder recorder;
      KernelContext context{pool, recorder, IsaClosure(isa)};
      const ScreenedHead head = ScreenedHead::Build(p.table.data(), kVocab, kDim, IsaClosure(isa), pool);
      ScreenScratch scratch(kVocab, kDim, kRows);
      std::vector<float> together(kRows * kVocab), alone(kRows * kVocab);
      LogitsProjectionArgs args = {p.table.data(), kVocab, kDim, hidden.data(), kRows, together.data()};
      const std::span<const bool> screened = ScreenedLogitsProjection(context, args, head, {kKeep}, scratch);
      EXPECT_EQ(std::vector<bool>(screened.begin(), screened.end()),
                std::vector<bool>({true, true, false, true, true}));
      EXPECT_EQ(recorder.record(SelectKernel(Op::kLogitsScreening, 1, IsaClosure(isa))).work,
                HeadScreenWork(kRows, kVocab, kDim));
      const WorkCount work = recorder.record(SelectKernel(Op::kLogitsProjection, 1, IsaClosure(isa))).work;
      EXPECT_EQ(work.calls, kRows);
      EXPECT_EQ(work.rows, kRows);
      recorder.Reset();
      for (int64_t row = 0; row < kRows; ++row) {
        args.h = hidden.data() + row * kDim;
        args.rows = 1;
        args.logits = alone.data() + row * kVocab;
        ScreenedLogitsProjection(context, args, head, {kKeep}, scratch);
      }
      EXPECT_EQ(std::memcmp(together.data(), alone.data(), together.size() * sizeof(float)), 0);
      EXPECT_EQ(recorder.record(SelectKernel(Op::kLogitsProjection, 1, IsaClosure(isa))).work, work);
    }
  }
}

// Sums that might leave binary32 are left to the head itself, which says what becomes of them.
TEST(ScreenTest, NothingThatMightOverflowIsRuledOut) {
  Problem p(600, 64, 4);
  for (float& value : p.h) value = std::copysign(1e37f, value);
  p.SetRow(8, 0x1p18f, 8);
  ThreadPool pool(1);
  const IsaSet isa = DetectIsaSet();
  const ScreenedHead head = ScreenedHead::Build(p.table.data(), p.vocab, p.dim, isa, pool);
  for (float poison : {1e37f, std::numeric_limits<float>::quiet_NaN(), kInfinity}) {
    p.h[1] = poison;
    Recorder recorder;
    KernelContext context{pool, recorder, isa};
    ScreenScratch scratch(p.vocab, p.dim);
    std::vector<float> logits;
    EXPECT_FALSE(ScreenedLogitsProjection(context, p.Args(logits), head, {2}, scratch).front()) << poison;
    const std::vector<float> exact = p.Exact();
    for (size_t i = 0; i < exact.size(); ++i) {
      EXPECT_EQ(std::isnan(logits[i]), std::isnan(exact[i])) << i;
      if (!std::isnan(exact[i])) {
        EXPECT_EQ(std::bit_cast<uint32_t>(logits[i]), std::bit_cast<uint32_t>(exact[i])) << i;
      }
    }
  }
}

}  // namespace
}  // namespace bitnet
