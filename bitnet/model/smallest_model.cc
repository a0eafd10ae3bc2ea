#include "bitnet/model/smallest_model.h"

#include <algorithm>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"

namespace bitnet {
namespace {

constexpr SyntheticPreset kSmallest = {.name = "smallest",
                                       .purpose = "to be damaged",
                                       .architecture = "bitnet-b1.58",
                                       .layers = 1,
                                       .hidden = 128,
                                       .ffn = 128,
                                       .heads = 1,
                                       .kv_heads = 1,
                                       .head_dim = 128,
                                       .vocab = 266,
                                       .special_tokens = 10,
                                       .merges = 0,
                                       .context = 64,
                                       .rms_eps = 1e-5f,
                                       .rope_base = 500000.0f};

GgufWriter Writer(std::string_view architecture) {
  SyntheticPreset preset = kSmallest;
  preset.architecture = architecture;
  absl::StatusOr<GgufWriter> writer = MakeSyntheticHeader(preset, 1);
  CHECK(writer.ok()) << writer.status();
  return *std::move(writer);
}

}  // namespace

std::vector<uint8_t> SmallestModel(std::string_view architecture) {
  const GgufWriter writer = Writer(architecture);
  const std::string header = writer.Header();
  std::vector<uint8_t> bytes(writer.FileSize(), kSmallestModelFill);
  std::copy(header.begin(), header.end(), bytes.begin());
  return bytes;
}

std::string SmallestModelHeader() { return Writer(kSmallest.architecture).Header(); }

}  // namespace bitnet
