// Any text as a kernel_config: an error that names a line, or tilings that metadata can hold.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "bitnet/quant/kernel_config.h"
#include "bitnet/quant/tl_tiling.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet;
  const auto tilings = ParseKernelConfig(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!tilings.ok()) {
    CHECK(absl::IsInvalidArgument(tilings.status()));
    CHECK(absl::StartsWith(tilings.status().message(), "kernel_config"));
    return 0;
  }
  CHECK(!tilings->empty() && tilings->size() <= kMaxTilings);
  const auto ints = TilingsToInts(*tilings);
  CHECK_OK(ints.status());
  CHECK(*TilingsFromInts(*ints) == *tilings);
  for (const TlTiling& t : *tilings) {
    CHECK(FindTiling(*tilings, t.rows, t.cols) == &t);
    // Whatever the numbers are, the checks answer.
    CHECK(CheckTl1Tiling(t).ok() || !CheckTl1Tiling(t).message().empty());
    CHECK(CheckTl2Tiling(t).ok() || !CheckTl2Tiling(t).message().empty());
  }
  return 0;
}
