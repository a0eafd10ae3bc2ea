// Writes a GGUF file of the official form as a Hugging Face directory:
//   bazel run //bitnet/convert:write_hf_directory -- MODEL.gguf DIRECTORY [packed|master|gaussian]
//
// packed    U8 with direct scales, F32, and a BF16 table; the default
// master    BF16 weights that are exactly -s, 0, +s; scales become the power of two nearest below
// gaussian  the same with normal weights of deviation 0.02 in every projection: what --quantize is for

#include <bit>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/convert/hf_directory.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/weight_pattern.h"

namespace bitnet {
namespace {

// BF16, cut off, little-endian: any normal numbers do.
void FillWithGaussian(uint64_t seed, HfFileTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / 2);
  FillPattern(WeightPattern::kGaussian, seed, values);
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    tensor.bytes[2 * i] = static_cast<uint8_t>(bits >> 16);
    tensor.bytes[2 * i + 1] = static_cast<uint8_t>(bits >> 24);
  }
}

absl::Status WriteDirectory(const char* model, const char* directory, std::string_view form) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile bytes, MappedFile::Open(model));
  if (form == "packed") {
    BITNET_ASSIGN_OR_RETURN(const GgufFile file, GgufFile::Parse(bytes.bytes()));
    MakeHfDirectory(file, {.dtype = SafetensorsDtype::kF32, .table_dtype = SafetensorsDtype::kBf16}).Write(directory);
    return absl::OkStatus();
  }
  const std::vector<uint8_t> changed = WithPowerOfTwoScales(bytes.bytes());
  BITNET_ASSIGN_OR_RETURN(const GgufFile file, GgufFile::Parse(changed));
  HfDirectory made =
      MakeHfDirectory(file, {.weights = HfWeights::kMaster, .table_dtype = SafetensorsDtype::kBf16});
  if (form == "gaussian") {
    uint64_t seed = 0;
    for (HfFileTensor& tensor : made.tensors) {
      if (absl::EndsWith(tensor.name, "_proj.weight")) FillWithGaussian(++seed, tensor);
    }
  }
  made.Write(directory);
  return absl::OkStatus();
}

}  // namespace
}  // namespace bitnet

int main(int argc, char** argv) {
  const std::string_view form = argc == 4 ? argv[3] : "packed";
  if ((argc != 3 && argc != 4) || (form != "packed" && form != "master" && form != "gaussian")) {
    std::fprintf(stderr, "usage: write_hf_directory MODEL.gguf DIRECTORY [packed|master|gaussian]\n");
    return 2;
  }
  const absl::Status status = bitnet::WriteDirectory(argv[1], argv[2], form);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
