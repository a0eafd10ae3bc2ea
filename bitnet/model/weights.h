// Weights: typed views of a model's tensors, every shape and type checked against the configuration.

#ifndef BITNET_MODEL_WEIGHTS_H_
#define BITNET_MODEL_WEIGHTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/kernels/head/screened_head.h"
#include "bitnet/model/config.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {

// Views of one transformer block. Norm weights: [hidden], except attn_sub_norm [q_dim] and ffn_sub_norm [ffn], which
// are empty where the architecture has no sub-norms. Rows of q and k are in half-split order, as the rope kernel pairs
// them, whatever the order in the file.
struct LayerWeights {
  std::span<const float> attn_norm;
  TernaryView q;  // [q_dim][hidden]
  TernaryView k;  // [kv_dim][hidden]
  TernaryView v;  // [kv_dim][hidden]
  std::span<const float> attn_sub_norm;
  TernaryView output;  // [hidden][q_dim]
  std::span<const float> ffn_norm;
  TernaryView gate;  // [ffn][hidden]
  TernaryView up;    // [ffn][hidden]
  std::span<const float> ffn_sub_norm;
  TernaryView down;  // [hidden][ffn]
};

// An explicit load-time change of layout, for the receipt: of a format to I2_S, of the rows of q and k
// (kRopeRowsRepack), or of the head to int8 (kHeadScreenRepack), which every model has
// whose rows are not wider than kMaxScreenedHidden.
struct RepackRecord {
  std::string name;  // "tq2_0_to_i2s"
  uint64_t tensors = 0;
  uint64_t bytes = 0;  // written
  uint64_t ns = 0;
};

// A ternary matrix as the file has it: trits, scale, and the order of rows. What digests of a model are made of.
struct NamedTernary {
  std::string_view name;
  TernaryView view;
};

// Immutable after Load; safe to share between threads. Views point into the mapped file, or, for repacked tensors,
// into buffers owned here.
struct Weights {
  std::span<const F16> token_embd;  // [vocab][hidden]
  std::span<const F16> head;        // [vocab][hidden]: output.weight, or token_embd again where the head is tied
  ScreenedHead screened_head;       // of head; empty when hidden exceeds kMaxScreenedHidden
  std::span<const float> output_norm;
  std::vector<LayerWeights> layers;
  std::string quantization_type;  // of the file: the name of its codec, "i2_s", "tq2_0", ...
  uint64_t tensor_count = 0;
  std::vector<RepackRecord> repacks;
  std::vector<AlignedBuffer<uint8_t>> repacked;  // storage behind repacked views
  std::vector<NamedTernary> ternary;             // every ternary tensor

  // Checks every byte that arithmetic will touch: illegal ternary codes, non-finite scales, norms and embeddings are
  // errors that name tensor and element. A tensor that the graph does not use (a bias, an adapter, factors of another
  // rope) is refused by name, for it would change the model. `file` and its bytes must outlive the result. The scan
  // uses all of `pool`.
  static absl::StatusOr<Weights> Load(const GgufFile& file, const ModelConfig& config, ThreadPool& pool);

  // The same. `release` is told of each part of the embedding and of the head that has been read and is not wanted in
  // memory for now, several times and by any of the workers.
  static absl::StatusOr<Weights> Load(const GgufFile& file, const ModelConfig& config, ThreadPool& pool,
                                      absl::FunctionRef<void(std::span<const uint8_t> part)> release);
};

}  // namespace bitnet

#endif  // BITNET_MODEL_WEIGHTS_H_
