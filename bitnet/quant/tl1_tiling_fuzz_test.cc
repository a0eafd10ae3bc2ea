// Any bytes as a TL1 tensor of a small shape and any tiling: every instruction set gives the same trits or the same
// error, and what is accepted packs to the same bytes. Input: see tl_fuzz.h; header bytes are rows / 32, cols / 4,
// bm / 32 and bk / 4 with bmm in the highest bit.

#include "bitnet/quant/tl1.h"
#include "bitnet/quant/tl_fuzz.h"

namespace bitnet {
namespace {

TlTiling Tiling(const uint8_t* header) {
  return {header[0] % 8 * 32, header[1] % 64 * 4, header[2] % 8 * 32, header[3] % 64 * 4, header[3] < 128 ? 32 : 64};
}

uint64_t CodeBytes(int64_t rows, int64_t cols) { return Tl1Size(rows, cols) - 32; }

}  // namespace
}  // namespace bitnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet;
  constexpr TlFuzzFormat kFormat = {Tiling, CheckTl1Shape, Tl1Size, PackTl1, UnpackTl1};
  FuzzTl(kFormat, CodeBytes, {data, size});
  return 0;
}
