// Writes the seeds of the fuzz targets of all codecs: bazel run //bitnet/quant:write_fuzz_corpus -- FOLDER
// makes FOLDER/quant_<codec>/<seed>.bin. The form of a seed is told in codec_fuzz_test.cc.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/codec_testing.h"

namespace bitnet {
namespace {

struct Seed {
  std::string name;
  std::optional<float> exact_scale;
  std::vector<uint8_t> data;
};

std::vector<Seed> Seeds(const ShapedCodec& shaped) {
  constexpr float kScale = 0.3712345f;
  const bool zeros = shaped.codec().has_zero;
  const std::vector<uint8_t> good = shaped.Pack(RandomTrits(shaped.elements(), zeros, 1), kScale);
  std::vector<Seed> seeds = {{"valid", kScale, good},
                             {"without_exact_scale", std::nullopt, good},
                             {"contradiction", 0.5f, good},
                             {"exact_scale_nan", __builtin_nanf(""), good},
                             {"exact_scale_tiny", 1e-20f, good},
                             {"short", kScale, {good.begin(), good.end() - 1}}};
  if (zeros) seeds.push_back({"zeros", kScale, shaped.Pack(std::vector<int8_t>(shaped.elements()), kScale)});
  // Bytes of all ones: code 3, NaN as binary16 and binary32, at either end and in the middle.
  for (const size_t at : {size_t{0}, good.size() / 2, good.size() - 33, good.size() - 2}) {
    Seed seed{absl::StrCat("ones_at_", at), kScale, good};
    seed.data[at] = seed.data[at + 1] = 0xff;
    seeds.push_back(seed);
  }
  // No five codes of TQ1_0 give a one.
  seeds.push_back({"one_at_10", kScale, good});
  seeds.back().data[10] = 1;
  // Another sign, another exponent: of a scale, where there is one.
  for (const size_t at : {size_t{1}, good.size() - 1, good.size() - 29}) {
    Seed seed{absl::StrCat("bit_at_", at), std::nullopt, good};
    seed.data[at] ^= 0x80;
    seeds.push_back(seed);
    seed.name = absl::StrCat("exponent_at_", at);
    seed.data[at] ^= 0x84;
    seeds.push_back(seed);
  }
  return seeds;
}

absl::Status WriteSeeds(const std::string& folder, const TernaryCodec& codec) {
  const bool tiled = codec.type == TensorType::kTl1 || codec.type == TensorType::kTl2;
  const ShapedCodec shaped = tiled ? ShapedCodec(codec, 32, 288) : ShapedCodec(codec, 3, 2 * codec.col_multiple);
  const std::string place = absl::StrCat(folder, "/quant_", codec.name);
  std::error_code error;
  std::filesystem::create_directories(place, error);
  for (const Seed& seed : Seeds(shaped)) {
    const float scale = seed.exact_scale.value_or(0);
    std::string bytes = {static_cast<char>(tiled ? 0 : 2), 1, static_cast<char>(seed.exact_scale.has_value() ? 1 : 0)};
    bytes.append(reinterpret_cast<const char*>(&scale), sizeof(scale));
    bytes.append(reinterpret_cast<const char*>(seed.data.data()), seed.data.size());
    const absl::Status status = WriteFileAtomically(absl::StrCat(place, "/", seed.name, ".bin"), bytes);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace bitnet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus FOLDER\n");
    return 2;
  }
  for (const bitnet::TernaryCodec& codec : bitnet::TernaryCodecs()) {
    if (const absl::Status status = bitnet::WriteSeeds(argv[1], codec); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  return 0;
}
