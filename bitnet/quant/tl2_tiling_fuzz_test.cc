// Any bytes as a TL2 tensor of a small shape and any tiling: every instruction set gives the same trits or the same
// error, and what is accepted packs to the same bytes. Input: see tl_fuzz.h; header bytes are rows / 32, cols / 8,
// bm / 32 and bk / 24 with a wrong bmm in the highest bit.

#include "bitnet/quant/tl2.h"
#include "bitnet/quant/tl_fuzz.h"

namespace bitnet {
namespace {

TlTiling Tiling(const uint8_t* header) {
  return {header[0] % 4 * 32, header[1] % 96 * 8, header[2] % 4 * 32, header[3] % 64 * 24, header[3] < 128 ? 32 : 64};
}

// With the zeros, without what rounds up to 32: that is less than 32 bytes, and 64 bytes with the tail.
uint64_t CodeBytes(int64_t rows, int64_t cols) {
  return static_cast<uint64_t>((cols - 256) * rows / 3 * 5 / 8 + 64 * rows);
}

}  // namespace
}  // namespace bitnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet;
  constexpr TlFuzzFormat kFormat = {Tiling, CheckTl2Shape, Tl2Size, PackTl2, UnpackTl2};
  FuzzTl(kFormat, CodeBytes, {data, size});
  return 0;
}
