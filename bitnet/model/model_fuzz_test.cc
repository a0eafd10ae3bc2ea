// Any header at all, in front of data that any reader can make sense of: configuration, weights and tokenizer are read,
// or there is an error.
//
// The input is what stands before the tensor data (and may go on into it); as many kSmallestModelFill bytes follow as
// the smallest model has. So inputs are kilobytes, and a change of one byte reaches the readers of the model instead of
// ending at a file that is too short.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/config.h"
#include "bitnet/model/smallest_model.h"
#include "bitnet/model/tokenizer_metadata.h"
#include "bitnet/model/weights.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {
namespace {

constexpr size_t kDataBytes = 256 * 1024;

// What the engine takes for granted once a model is loaded.
void CheckPromises(const ModelConfig& config, const Weights& weights, const Tokenizer& tokenizer) {
  const ArchShape& shape = config.shape;
  CHECK(shape.layers > 0 && shape.heads > 0 && shape.kv_heads > 0 && shape.heads % shape.kv_heads == 0);
  CHECK(config.kv_dim() <= config.q_dim() && config.q_dim() % 128 == 0);
  CHECK(std::isfinite(config.rms_eps) && config.rms_eps > 0 && config.rope_freq_base >= 1);
  CHECK_EQ(static_cast<uint64_t>(tokenizer.vocab_size()), shape.vocab);
  CHECK_EQ(weights.token_embd.size(), shape.vocab * shape.hidden);
  CHECK_EQ(weights.head.size(), weights.token_embd.size());
  CHECK_EQ(weights.head.data() == weights.token_embd.data(), !shape.untied_head);
  CHECK_EQ(weights.layers.size(), shape.layers);
  for (const LayerWeights& layer : weights.layers) {
    CHECK_EQ(layer.attn_sub_norm.size(), shape.sub_norms ? config.q_dim() : 0);
    CHECK_EQ(layer.q.packed.size() * 4, config.q_dim() * shape.hidden);
  }
  CHECK_EQ(weights.ternary.size(), 7 * shape.layers);
  for (const NamedTernary& ternary : weights.ternary) {
    CHECK_EQ(ternary.view.packed.size() * 4, static_cast<uint64_t>(ternary.view.rows * ternary.view.cols));
    CHECK(std::isfinite(ternary.view.scale));
  }
}

absl::Status ReadModel(std::span<const uint8_t> bytes) {
  static auto* const pool = new ThreadPool(1);
  BITNET_ASSIGN_OR_RETURN(const GgufFile file, GgufFile::Parse(bytes));
  TokenizerDigest(file);
  BITNET_ASSIGN_OR_RETURN(const ModelConfig config, ReadModelConfig(file));
  BITNET_ASSIGN_OR_RETURN(const Weights weights, Weights::Load(file, config, *pool));
  BITNET_ASSIGN_OR_RETURN(const TokenizerData data, ReadTokenizerData(file));
  BITNET_ASSIGN_OR_RETURN(const Tokenizer tokenizer, Tokenizer::Create(data));
  CheckPromises(config, weights, tokenizer);
  return absl::OkStatus();
}

}  // namespace
}  // namespace bitnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(size + bitnet::kDataBytes, bitnet::kSmallestModelFill);
  if (size > 0) std::copy(data, data + size, bytes.begin());
  const absl::Status status = bitnet::ReadModel(bytes);
  CHECK(status.ok() || !status.message().empty());
  return 0;
}
