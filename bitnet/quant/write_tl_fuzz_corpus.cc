// Writes inputs of tl1_tiling_fuzz_test and tl2_tiling_fuzz_test: bazel run //bitnet/quant:write_tl_fuzz_corpus --
// FOLDER, which has folders tl1_tiling and tl2_tiling.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/quant/tl1.h"
#include "bitnet/quant/tl2.h"
#include "bitnet/quant/tl_testing.h"

namespace bitnet {
namespace {

using Bytes = std::vector<uint8_t>;

// A tensor with the header that the fuzz targets read; their header bytes are units of the numbers in `t`.
Bytes Input(const TlTiling& t, int col_unit, int bk_unit, bool fill, const Bytes& tensor) {
  Bytes input = {static_cast<uint8_t>(t.rows / 32), static_cast<uint8_t>(t.cols / col_unit),
                 static_cast<uint8_t>(t.bm / 32), static_cast<uint8_t>(t.bk / bk_unit + (t.bmm == 64 ? 128 : 0)),
                 static_cast<uint8_t>(fill ? 1 : 0)};
  input.insert(input.end(), tensor.begin(), tensor.end());
  return input;
}

Bytes Tl1Input(const TlTiling& t, bool fill, const Bytes& tensor) { return Input(t, 4, 4, fill, tensor); }
Bytes Tl2Input(const TlTiling& t, bool fill, const Bytes& tensor) { return Input(t, 8, 24, fill, tensor); }

Bytes Tl1Tensor(const TlTiling& t) {
  Bytes data(Tl1Size(t.rows, t.cols));
  CHECK_OK(PackTl1(HashedTrits(t.rows * t.cols), t.rows, t.cols, 0.75f, TlParams(t), data));
  return data;
}

Bytes Tl2Tensor(const TlTiling& t) {
  Bytes data(Tl2Size(t.rows, t.cols));
  CHECK_OK(PackTl2(HashedTrits(t.rows * t.cols), t.rows, t.cols, 0.75f, TlParams(t), data));
  return data;
}

Bytes With(Bytes data, size_t at, uint8_t value) {
  data.at(at) = value;
  return data;
}

Bytes WithScale(Bytes data, float scale) {
  std::memcpy(&data.at(data.size() - 32), &scale, sizeof(scale));
  return data;
}

class Writer {
 public:
  explicit Writer(std::string folder) : folder_(std::move(folder)) {}
  void Write(std::string_view name, const Bytes& bytes) const {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    CHECK_OK(WriteFileAtomically(absl::StrCat(folder_, "/", name, ".bin"), text));
  }

 private:
  std::string folder_;
};

void WriteTl1(const Writer& out) {
  const TlTiling narrow{32, 8, 32, 8, 32};
  const TlTiling wide{64, 72, 32, 72, 32};
  const TlTiling tall{128, 20, 128, 4, 64};
  out.Write("valid_narrow", Tl1Input(narrow, false, Tl1Tensor(narrow)));
  out.Write("valid_wide", Tl1Input(wide, false, Tl1Tensor(wide)));
  out.Write("valid_tall", Tl1Input(tall, false, Tl1Tensor(tall)));
  out.Write("valid_filled", Tl1Input(wide, true, {0x88, 0x44, 0x00}));
  out.Write("code_high", Tl1Input(wide, false, With(Tl1Tensor(wide), 700, 0x94)));
  out.Write("code_low", Tl1Input(tall, false, With(Tl1Tensor(tall), 77, 0x4f)));
  out.Write("scale_nan",
            Tl1Input(narrow, false, WithScale(Tl1Tensor(narrow), std::numeric_limits<float>::quiet_NaN())));
  out.Write("scale_negative", Tl1Input(narrow, false, WithScale(Tl1Tensor(narrow), -1)));
  out.Write("size_short", Tl1Input(narrow, false, {1, 2, 3}));
  out.Write("size_empty", Tl1Input(narrow, false, {}));
  out.Write("tiling_rows", Tl1Input({96, 8, 64, 8, 32}, true, {}));
  out.Write("tiling_cols", Tl1Input({64, 72, 64, 20, 64}, true, {}));
  out.Write("tiling_zero", Tl1Input({0, 0, 0, 0, 32}, true, {}));
  out.Write("header_short", {1, 2});
}

void WriteTl2(const Writer& out) {
  const TlTiling triples{32, 264, 32, 264, 32};
  const TlTiling pairs{64, 320, 32, 96, 32};
  const TlTiling narrow{32, 272, 32, 48, 32};
  const size_t signs = 64 * 288 / 6;
  const size_t first_pair = signs + 64 * 288 / 24;
  out.Write("valid_triples", Tl2Input(triples, false, Tl2Tensor(triples)));
  out.Write("valid_pairs", Tl2Input(pairs, false, Tl2Tensor(pairs)));
  out.Write("valid_narrow", Tl2Input(narrow, false, Tl2Tensor(narrow)));
  out.Write("valid_filled", Tl2Input(pairs, true, {0xd1, 0x1d, 0x77}));
  out.Write("magnitude", Tl2Input(pairs, true, {0x1e}));
  out.Write("sign_of_zero", Tl2Input(pairs, true, With(Bytes(signs + 1), signs, 0x10)));
  out.Write("pair", Tl2Input(pairs, true, With(Bytes(first_pair + 1), first_pair, 0x90)));
  out.Write("zeros", Tl2Input(pairs, false, With(Tl2Tensor(pairs), first_pair + 64 * 32 / 4, 1)));
  out.Write("other_tiling", Tl2Input({64, 320, 64, 288, 32}, false, Tl2Tensor(pairs)));
  out.Write("scale_infinite",
            Tl2Input(narrow, false, WithScale(Tl2Tensor(narrow), std::numeric_limits<float>::infinity())));
  out.Write("size_short", Tl2Input(triples, false, {1, 2, 3}));
  out.Write("tiling_bmm", Tl2Input({32, 288, 32, 96, 64}, true, {}));
  out.Write("tiling_rest", Tl2Input({32, 296, 32, 96, 32}, true, {}));
  out.Write("tiling_narrow", Tl2Input({32, 248, 32, 24, 32}, true, {}));
}

}  // namespace
}  // namespace bitnet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_tl_fuzz_corpus FOLDER\n");
    return 2;
  }
  bitnet::WriteTl1(bitnet::Writer(absl::StrCat(argv[1], "/tl1_tiling")));
  bitnet::WriteTl2(bitnet::Writer(absl::StrCat(argv[1], "/tl2_tiling")));
  return 0;
}
