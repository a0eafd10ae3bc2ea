// Small GGUF files, each wrong in one way (or right in a rare one), with the error that Parse must give. One list
// feeds the hostile test and the fuzz corpus.

#ifndef BITNET_GGUF_GGUF_CASES_H_
#define BITNET_GGUF_GGUF_CASES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace bitnet {

struct GgufCase {
  std::string name;   // file name in the corpus, without the extension
  std::string error;  // must occur in the message; empty: the file is valid
  std::vector<uint8_t> bytes;
};

// A valid file with every value type and four tensors; 900 bytes.
std::vector<uint8_t> ValidGguf();

std::vector<GgufCase> GgufCases();

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_CASES_H_
