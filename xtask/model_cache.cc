#include "xtask/model_cache.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "xtask/gen_model.h"

namespace bitnet::xtask {
namespace {

// Part of the cached file's name: raise it when the generator writes other bytes for the same preset and seed (the
// golden digests of //bitnet/synthetic:synthetic_model_test change then), so that no stale model is used.
constexpr int kGeneration = 1;

}  // namespace

absl::StatusOr<std::string> DefaultModelPath(const Environment& environment, const std::atomic<bool>& cancelled) {
  const std::string folder = absl::StrCat(environment.cache_dir, "/models");
  const std::string path =
      absl::StrCat(folder, "/synthetic", kGeneration, "-", kDefaultPreset, "-seed", kDefaultModelSeed, ".gguf");
  std::error_code error;
  if (std::filesystem::exists(path, error)) return path;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::InternalError(absl::StrCat("cannot create ", folder, ": ", error.message()));
  std::fprintf(stderr, "making a synthetic %s model once (1.2 GB): %s\n", kDefaultPreset, path.c_str());
  GenModelOptions options;
  options.preset = kDefaultPreset;
  options.seed = kDefaultModelSeed;
  options.out = path;
  options.progress = environment.progress;
  options.color = environment.color;
  options.cancelled = &cancelled;
  options.quiet = true;
  BITNET_RETURN_IF_ERROR(GenModel(options));
  return path;
}

}  // namespace bitnet::xtask
