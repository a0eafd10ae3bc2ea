// Hugging Face directories made from GGUF files of the official form, for tests: the way back of a conversion.

#ifndef BITNET_CONVERT_HF_DIRECTORY_H_
#define BITNET_CONVERT_HF_DIRECTORY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/gguf/gguf_file.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/hf/hf_texts.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/safetensors/safetensors_file.h"

namespace bitnet {

enum class HfWeights { kPackedDirect, kPackedInverse, kMaster };

struct HfDirectoryOptions {
  HfWeights weights = HfWeights::kPackedDirect;
  SafetensorsDtype dtype = SafetensorsDtype::kBf16;       // of master weights and of scales; values must fit it (CHECK)
  SafetensorsDtype table_dtype = SafetensorsDtype::kF16;  // F16: as they are; BF16: rounded; F32
  int shards = 1;
  HfTokenizerText tokenizer;
};

// A tensor of a safetensors file to be written.
struct HfFileTensor {
  std::string name;
  SafetensorsDtype dtype;
  std::vector<uint64_t> shape;
  std::vector<uint8_t> bytes;
};

// A model in memory, so that tests can damage it before it is written.
struct HfDirectory {
  JsonValue config, tokenizer, tokenizer_config, generation_config;
  std::vector<HfFileTensor> tensors;

  HfFileTensor& Tensor(std::string_view name);  // it must be there
  // Creates the directory; existing files are replaced.
  void Write(const std::string& directory, int shards = 1) const;
};

// `file` is I2_S of architecture bitnet-b1.58.
HfDirectory MakeHfDirectory(const GgufFile& file, const HfDirectoryOptions& options);

// `bytes` of such a file with each scale replaced by the power of two nearest below: every dtype holds it exactly, and
// its reciprocal.
std::vector<uint8_t> WithPowerOfTwoScales(std::span<const uint8_t> bytes);

}  // namespace bitnet

#endif  // BITNET_CONVERT_HF_DIRECTORY_H_
