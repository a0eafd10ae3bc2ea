// Which tensors a model of an architecture has, by name.

#ifndef BITNET_MODEL_TENSOR_NAMES_H_
#define BITNET_MODEL_TENSOR_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/model/config.h"

namespace bitnet {

// Every tensor of the graph: embedding, blocks, last norm, and the head where it is not tied.
std::vector<std::string> ExpectedTensorNames(const ArchShape& shape);

// That `file` has as many tensors as the graph of `config` uses. With as many, and each of them found by whoever looks
// for it, there is no other: a tensor that is silently ignored would make another model of the file.
//
// Unimplemented names the first tensor that has no place in the graph and says why (a bias, an adapter, rope factors,
// an untied head of an architecture that ties it); InvalidArgument says expected and got when too few are there.
absl::Status CheckTensorNames(const GgufFile& file, const ModelConfig& config);

}  // namespace bitnet

#endif  // BITNET_MODEL_TENSOR_NAMES_H_
