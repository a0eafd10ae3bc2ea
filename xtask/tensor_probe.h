// What a tensor's bytes say, against what its directory entry claims.

#ifndef XTASK_TENSOR_PROBE_H_
#define XTASK_TENSOR_PROBE_H_

#include <cstdint>
#include <span>
#include <string>

#include "bitnet/gguf/gguf_file.h"
#include "bitnet/ternary_file/ternary_file.h"

namespace bitnet::xtask {

struct TensorFindings {
  std::string actual_type;  // the claimed type when nothing contradicts it
  std::string problem;      // "" when the claim holds
  bool ternary = false;     // the fields below are filled
  uint64_t minus = 0;
  uint64_t zero = 0;
  uint64_t plus = 0;
  float scale = 0;
};

// The claim alone, no data read.
TensorFindings ClaimsOf(const GgufTensor& tensor);

// Reads all of the tensor's data. Some converters write F16 values under an I2_S label: a tensor whose codes include
// the illegal 3, or whose scale is no number, while its bytes read as small F16 values, is reported as such.
TensorFindings ProbeTensor(const GgufTensor& tensor);

// The same for a tensor whose codec and tiling are known, and whose bytes are `data`, as many as its type says. What
// the engine cannot use, such as blocks with different scales, is a problem too.
TensorFindings ProbeTernary(const TernaryTensor& ternary, std::span<const uint8_t> data);

}  // namespace bitnet::xtask

#endif  // XTASK_TENSOR_PROBE_H_
