#include "bitnet/synthetic/synthetic_model.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/synthetic/tensor_bytes.h"
#include "bitnet/synthetic/tensors.h"
#include "bitnet/synthetic/vocabulary.h"

namespace bitnet {
namespace {

constexpr uint32_t kFileTypeI2S = 40;
constexpr uint32_t kQuantizationVersion = 2;

// The largest piece made and written at once: long enough to keep all cores busy between two waits for each other,
// short enough to stay near the caches and to answer a cancellation within some hundredths of a second.
constexpr uint64_t kPieceBytes = uint64_t{16} << 20;

// "System: ...<|eot_id|>User: ...<|eot_id|>Assistant: " after the begin token.
constexpr std::string_view kChatTemplate =
    "{% for message in messages %}{% if loop.first %}{{ bos_token }}{% endif %}"
    "{{ message['role'] | capitalize + ': ' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}";

}  // namespace

absl::StatusOr<GgufWriter> MakeSyntheticHeader(const SyntheticPreset& preset, uint64_t seed) {
  BITNET_RETURN_IF_ERROR(ValidatePreset(preset));
  BITNET_ASSIGN_OR_RETURN(const SyntheticVocabulary vocabulary, MakeSyntheticVocabulary(preset));
  const auto key = [&](std::string_view name) { return absl::StrCat(preset.architecture, ".", name); };
  GgufWriter writer;
  writer.AddString("general.architecture", preset.architecture);
  writer.AddString("general.name", absl::StrCat("synthetic-", preset.name, "-seed-", seed));
  writer.AddU32(key("vocab_size"), static_cast<uint32_t>(preset.vocab));
  writer.AddU32(key("context_length"), static_cast<uint32_t>(preset.context));
  writer.AddU32(key("embedding_length"), static_cast<uint32_t>(preset.hidden));
  writer.AddU32(key("block_count"), static_cast<uint32_t>(preset.layers));
  writer.AddU32(key("feed_forward_length"), static_cast<uint32_t>(preset.ffn));
  writer.AddU32(key("rope.dimension_count"), static_cast<uint32_t>(preset.head_dim));
  writer.AddU32(key("attention.head_count"), static_cast<uint32_t>(preset.heads));
  writer.AddU32(key("attention.head_count_kv"), static_cast<uint32_t>(preset.kv_heads));
  const Architecture& architecture = *FindArchitecture(preset.architecture);
  if (architecture.own_head_dim) {
    writer.AddU32(key("attention.key_length"), static_cast<uint32_t>(preset.head_dim));
    writer.AddU32(key("attention.value_length"), static_cast<uint32_t>(preset.head_dim));
  }
  writer.AddBool("tokenizer.ggml.add_bos_token", true);
  writer.AddF32(key("attention.layer_norm_rms_epsilon"), preset.rms_eps);
  writer.AddF32(key("rope.freq_base"), preset.rope_base);
  writer.AddU32("general.file_type", kFileTypeI2S);
  writer.AddString("tokenizer.ggml.model", "gpt2");
  if (!architecture.implies_llama3_words) writer.AddString("tokenizer.ggml.pre", "llama-bpe");
  writer.AddStringArray("tokenizer.ggml.tokens", vocabulary.tokens);
  writer.AddF32Array("tokenizer.ggml.scores", std::vector<float>(vocabulary.tokens.size(), 0.0f));
  writer.AddI32Array("tokenizer.ggml.token_type", vocabulary.token_types);
  writer.AddStringArray("tokenizer.ggml.merges", vocabulary.merges);
  writer.AddU32("tokenizer.ggml.bos_token_id", static_cast<uint32_t>(vocabulary.begin_of_text));
  writer.AddU32("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(vocabulary.end_of_text));
  writer.AddU32("tokenizer.ggml.padding_token_id", static_cast<uint32_t>(vocabulary.end_of_text));
  writer.AddString("tokenizer.chat_template", kChatTemplate);
  writer.AddU32("general.quantization_version", kQuantizationVersion);
  for (const SyntheticTensor& tensor : SyntheticTensors(preset)) {
    BITNET_RETURN_IF_ERROR(writer.AddTensor(tensor.name, tensor.type, tensor.dims));
  }
  return writer;
}

absl::StatusOr<uint64_t> WriteSyntheticModel(const SyntheticPreset& preset, uint64_t seed, const std::string& path,
                                             SyntheticProgress progress, int threads) {
  if (threads < 1) return absl::InvalidArgumentError(absl::StrCat("expected at least 1 thread, got ", threads));
  BITNET_ASSIGN_OR_RETURN(GgufWriter writer, MakeSyntheticHeader(preset, seed));
  BITNET_RETURN_IF_ERROR(writer.Begin(path));
  const std::vector<SyntheticTensor> tensors = SyntheticTensors(preset);
  const uint64_t total = writer.FileSize();
  uint64_t done = 0;
  ThreadPool pool(threads);
  std::vector<uint8_t> piece;
  for (size_t index = 0; index < tensors.size(); ++index) {
    const TensorBytes bytes(tensors[index], seed, index);
    for (uint64_t begin = 0; begin < bytes.size(); begin += kPieceBytes) {
      piece.resize(std::min(kPieceBytes, bytes.size() - begin));
      pool.Run([&](int worker) {
        const auto [from, to] =
            ThreadPool::Partition(static_cast<int64_t>(piece.size()), TensorBytes::kGrain, worker, pool.size());
        bytes.Fill(begin + from, std::span(piece).subspan(from, to - from));
      });
      BITNET_RETURN_IF_ERROR(writer.WriteTensorData(piece));
      done += piece.size();
      if (!progress(done, total)) {
        return absl::CancelledError(absl::StrCat("stopped while writing ", path, "; nothing was left behind"));
      }
    }
  }
  BITNET_RETURN_IF_ERROR(writer.Finish());
  progress(total, total);
  return total;
}

}  // namespace bitnet
