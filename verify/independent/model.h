// Model: what the auditor's forward pass needs of a model file, read by its own reader.
//
// The relu(g)^2 family with sub-norms: bitnet-b1.58, bitnet-25 and bitnet, of I2_S (128-groups), F32 norms and an F16
// embedding that is the head as well. Everything else is refused by name.

#ifndef VERIFY_INDEPENDENT_MODEL_H_
#define VERIFY_INDEPENDENT_MODEL_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/thread_pool.h"
#include "verify/independent/gguf_directory.h"
#include "verify/independent/ternary.h"

namespace bitnet::verify::independent {

// The ternary products of a layer, in the order of the graph.
enum class Product : uint8_t { kQ, kK, kV, kAttnOutput, kGate, kUp, kDown };
inline constexpr size_t kProducts = 7;
std::string_view ProductName(Product product);  // "q", "k", "v", "attn_output", "gate", "up", "down"

struct Shape {
  std::string architecture;
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t ffn = 0;
  int64_t heads = 0;
  int64_t kv_heads = 0;  // divides heads
  int64_t head_dim = 0;  // heads * head_dim == hidden
  int64_t vocab = 0;
  int64_t context = 0;
  float rms_eps = 0;
  float rope_base = 0;

  int64_t kv_dim() const { return kv_heads * head_dim; }
};

struct Layer {
  std::vector<float> attn_norm;      // [hidden]
  std::vector<float> attn_sub_norm;  // [hidden]
  std::vector<float> ffn_norm;       // [hidden]
  std::vector<float> ffn_sub_norm;   // [ffn]
  std::array<TernaryMatrix, kProducts> products;

  const TernaryMatrix& Of(Product product) const { return products[static_cast<size_t>(product)]; }
};

// Views point into the bytes it was read from. Immutable.
struct Model {
  Shape shape;
  std::span<const uint8_t> embedding;  // [vocab][hidden] f16, little-endian; the head too
  std::vector<float> output_norm;      // [hidden]
  std::vector<Layer> layers;

  // Row `id` of the embedding: `hidden` finite f16.
  const uint8_t* EmbeddingRow(int64_t id) const { return embedding.data() + id * shape.hidden * int64_t{sizeof(F16)}; }
};

// Metadata alone: keys, ranges, and what would change the graph.
absl::StatusOr<Shape> ReadShape(const GgufDirectory& directory);

// Every tensor has its place, type and shape; every code is 0, 1 or 2; every scale, norm weight and embedding value is
// finite. Unimplemented, naming it, for what this path does not compute: another architecture, another type, a tensor
// that has no place in the graph. NotFound or InvalidArgument otherwise.
absl::StatusOr<Model> ReadModel(std::span<const uint8_t> file, ThreadPool& pool);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_MODEL_H_
