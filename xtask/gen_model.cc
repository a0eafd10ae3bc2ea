#include "xtask/gen_model.h"

#include <algorithm>
#include <cstdio>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"
#include "xtask/progress_bar.h"

namespace bitnet::xtask {
namespace {

std::string JsonLine(const GenModelOptions& options, uint64_t bytes, double seconds) {
  return CanonicalJson(JsonValue::MakeObject({{"path", JsonValue::String(options.out)},
                                              {"preset", JsonValue::String(options.preset)},
                                              {"seed", JsonValue::Uint(options.seed)},
                                              {"layer_gain", JsonValue::Double(options.layer_gain)},
                                              {"bytes", JsonValue::Uint(bytes)},
                                              {"seconds", JsonValue::Double(seconds)}}));
}

}  // namespace

absl::Status GenModel(const GenModelOptions& options) {
  BITNET_ASSIGN_OR_RETURN(SyntheticPreset preset, FindPreset(options.preset));
  preset.layer_gain = static_cast<float>(options.layer_gain);
  if (options.out.empty()) return absl::InvalidArgumentError("gen-model: no output path given; pass --out FILE");
  const int threads = options.threads > 0 ? options.threads : std::max(1, ReadHostInfo().logical_cores);
  const uint64_t start = NowNs();
  uint64_t bytes = 0;
  {
    ProgressBar bar(options.progress, options.color, "MB");
    const auto on_progress = [&](uint64_t done, uint64_t total) {
      bar.Update("", done, total);
      return options.cancelled == nullptr || !options.cancelled->load(std::memory_order_relaxed);
    };
    BITNET_ASSIGN_OR_RETURN(bytes, WriteSyntheticModel(preset, options.seed, options.out, on_progress, threads));
  }
  const double seconds = static_cast<double>(NowNs() - start) * 1e-9;
  if (options.quiet) return absl::OkStatus();
  const std::string line = options.json ? JsonLine(options, bytes, seconds)
                                        : absl::StrFormat("%s: preset %s, seed %d, %d bytes in %.1f s", options.out,
                                                          options.preset, options.seed, bytes, seconds);
  std::printf("%s\n", line.c_str());
  return absl::OkStatus();
}

}  // namespace bitnet::xtask
