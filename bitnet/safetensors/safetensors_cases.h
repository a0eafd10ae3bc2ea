// Small safetensors files, each wrong in one way (or right in a rare one), with the error that Parse must give. One
// list feeds the hostile test and the fuzz corpus.

#ifndef BITNET_SAFETENSORS_SAFETENSORS_CASES_H_
#define BITNET_SAFETENSORS_SAFETENSORS_CASES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitnet {

struct SafetensorsCase {
  std::string name;   // file name in the corpus, without the extension
  std::string error;  // must occur in the message; empty: the file is valid
  std::vector<uint8_t> bytes;
};

// Length, header, then `data_bytes` bytes 0, 1, 2, ...
std::vector<uint8_t> SafetensorsBytes(std::string_view header, uint64_t data_bytes);

// Metadata and five tensors of different types, one of them empty; under 500 bytes.
std::vector<uint8_t> ValidSafetensors();

std::vector<SafetensorsCase> SafetensorsCases();

}  // namespace bitnet

#endif  // BITNET_SAFETENSORS_SAFETENSORS_CASES_H_
