// What `inspect --check` says about each tensor: what it is, whether its values make sense, and what to do about it.

#ifndef XTASK_CHECK_TENSORS_H_
#define XTASK_CHECK_TENSORS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/float_view.h"
#include "bitnet/ternary_file/ternary_file.h"
#include "xtask/tensor_probe.h"

namespace bitnet::xtask {

// What makes a tensor run that does not run as it is.
enum class Remedy : uint8_t {
  kNone,          // it runs as it is
  kConvert,       // xtask convert, nothing changes
  kQuantize,      // xtask convert --quantize, which changes weights
  kKernelConfig,  // xtask convert --kernel-config
  kImpossible,    // nothing here
};

struct CheckedTensor {
  std::string name;
  std::vector<uint64_t> dims;
  std::string claimed_type;
  std::string actual_type;  // the claimed one when nothing contradicts it
  uint64_t bytes = 0;       // up to the next tensor or the end of the file
  TensorFindings findings;  // counts and scale of ternary tensors, and of float matrices that are exactly ternary
  std::string problem;      // why it does not run; "" when it does
  std::string advice;       // what to do about the problem
  std::vector<std::string> warnings;  // what runs and is probably not meant
  Remedy remedy = Remedy::kNone;
};

// Tensors of a file whose directory was read (GgufFile::ParseDirectory), in its order. `ternary` has what
// FindTernaryTensors says, or nothing where it refused the file. All data is read.
std::vector<CheckedTensor> CheckTensors(const GgufFile& directory, std::span<const uint8_t> bytes,
                                        std::span<const TernaryTensor> ternary);

// The bytes of a tensor of a directory; empty when they are not all there or its type has no size rule.
std::span<const uint8_t> TensorBytes(const GgufFile& directory, std::span<const uint8_t> bytes,
                                     const GgufTensor& tensor);

// Of a projection in floats: exactly -s, 0 and +s, or not, or not even finite.
void CheckFloatProjection(const FloatView& values, IsaSet isa, CheckedTensor& checked);

// A scale that no trained model has: 0 with trits that are not, subnormal, huge. "" when there is nothing to say.
std::string ScaleWarning(const TensorFindings& findings);

}  // namespace bitnet::xtask

#endif  // XTASK_CHECK_TENSORS_H_
