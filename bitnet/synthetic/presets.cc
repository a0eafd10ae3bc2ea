#include "bitnet/synthetic/presets.h"

#include <cmath>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

constexpr int64_t kByteTokens = 256;

constexpr SyntheticPreset kPresets[] = {
    {.name = "2b-4t",
     .purpose = "the exact shape of microsoft/bitnet-b1.58-2B-4T, 1.19 GB",
     .architecture = "bitnet-b1.58",
     .layers = 30,
     .hidden = 2560,
     .ffn = 6912,
     .heads = 20,
     .kv_heads = 5,
     .head_dim = 128,
     .vocab = 128256,
     .special_tokens = 256,
     .merges = 280147,
     .context = 4096,
     .rms_eps = 1e-5f,
     .rope_base = 500000.0f},
    {.name = "mini",
     .purpose = "4 layers with grouped-query attention 5:1, 11 MB",
     .architecture = "bitnet-b1.58",
     .layers = 4,
     .hidden = 640,
     .ffn = 1792,
     .heads = 5,
     .kv_heads = 1,
     .head_dim = 128,
     .vocab = 4096,
     .special_tokens = 16,
     .merges = 5000,
     .context = 4096,
     .rms_eps = 1e-5f,
     .rope_base = 500000.0f},
    {.name = "tiny",
     .purpose = "2 layers, 4 heads over 1 key-value head, 3 MB",
     .architecture = "bitnet-b1.58",
     .layers = 2,
     .hidden = 512,
     .ffn = 1024,
     .heads = 4,
     .kv_heads = 1,
     .head_dim = 128,
     .vocab = 2048,
     .special_tokens = 16,
     .merges = 2200,
     .context = 4096,
     .rms_eps = 1e-5f,
     .rope_base = 500000.0f},
    {.name = "nano",
     .purpose = "1 layer, 1 head, 0.2 MB: small enough to be damaged at every byte",
     .architecture = "bitnet-b1.58",
     .layers = 1,
     .hidden = 128,
     .ffn = 256,
     .heads = 1,
     .kv_heads = 1,
     .head_dim = 128,
     .vocab = 512,
     .special_tokens = 16,
     .merges = 250,
     .context = 4096,
     .rms_eps = 1e-5f,
     .rope_base = 500000.0f},
    {.name = "tiny-llama",
     .purpose = "Llama-like as Falcon3-1.58bit: SiLU, no sub-norms, heads of 256, a head of its own, 5 MB",
     .architecture = "llama",
     .layers = 2,
     .hidden = 512,
     .ffn = 1024,
     .heads = 2,
     .kv_heads = 1,
     .head_dim = 256,
     .vocab = 2048,
     .special_tokens = 16,
     .merges = 2200,
     .context = 4096,
     .rms_eps = 1e-6f,
     .rope_base = 1000042.0f,
     .untied_head = true},
};

absl::Status BadField(const SyntheticPreset& preset, std::string_view field, std::string_view expected, int64_t got) {
  return absl::InvalidArgumentError(
      absl::StrCat("preset ", preset.name, ": ", field, " must be ", expected, ", got ", got));
}

}  // namespace

std::span<const SyntheticPreset> SyntheticPresets() { return kPresets; }

absl::StatusOr<SyntheticPreset> FindPreset(std::string_view name) {
  for (const SyntheticPreset& preset : kPresets) {
    if (preset.name == name) return preset;
  }
  const auto append_name = [](std::string* out, const SyntheticPreset& preset) { out->append(preset.name); };
  return absl::NotFoundError(
      absl::StrCat("no preset \"", name, "\"; known presets: ", absl::StrJoin(kPresets, ", ", append_name)));
}

absl::Status ValidatePreset(const SyntheticPreset& preset) {
  const Architecture* architecture = FindArchitecture(preset.architecture);
  if (architecture == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("preset ", preset.name, ": architecture must be one of ",
                                                   ArchitectureNames(), ", got ", preset.architecture));
  }
  if (preset.untied_head && !architecture->may_untie_head) {
    return absl::InvalidArgumentError(absl::StrCat("preset ", preset.name, ": untied_head must be false, as ",
                                                   preset.architecture, " ties the head"));
  }
  if (!(preset.layer_gain > 0 && std::isfinite(preset.layer_gain))) {
    return absl::InvalidArgumentError(
        absl::StrCat("preset ", preset.name, ": layer_gain must be above 0 and finite, got ", preset.layer_gain));
  }
  if (preset.layers < 1) return BadField(preset, "layers", "at least 1", preset.layers);
  for (const auto& [field, value] :
       {std::pair("hidden", preset.hidden), std::pair("ffn", preset.ffn), std::pair("head_dim", preset.head_dim)}) {
    if (value < 1 || value % kI2sBlock != 0) return BadField(preset, field, "a multiple of 128", value);
  }
  if (preset.heads * preset.head_dim != preset.hidden) {
    return BadField(preset, "heads", absl::StrCat("hidden / head_dim = ", preset.hidden / preset.head_dim),
                    preset.heads);
  }
  if (preset.kv_heads < 1 || preset.heads % preset.kv_heads != 0) {
    return BadField(preset, "kv_heads", absl::StrCat("a divisor of ", preset.heads), preset.kv_heads);
  }
  if (preset.special_tokens < 10) return BadField(preset, "special_tokens", "at least 10", preset.special_tokens);
  const int64_t merged = preset.vocab - preset.special_tokens - kByteTokens;
  if (merged < 0) {
    return BadField(preset, "vocab", absl::StrCat("at least ", preset.special_tokens + kByteTokens), preset.vocab);
  }
  if (preset.merges < merged) return BadField(preset, "merges", absl::StrCat("at least ", merged), preset.merges);
  if (preset.context < 1) return BadField(preset, "context", "at least 1", preset.context);
  return absl::OkStatus();
}

}  // namespace bitnet
