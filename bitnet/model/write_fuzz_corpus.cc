// Writes the seeds of :model_fuzz_test: bazel run //bitnet/model:write_fuzz_corpus -- FOLDER

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/smallest_model.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {
namespace {

struct Seed {
  std::string name;
  std::function<void(GgufEditor&)> edit;
  std::string architecture = "bitnet-b1.58";
};

void AddHead(GgufEditor& e) {
  e.AddTensor("output.weight", {128, 266}, TensorType::kF16, 128 * 266 * 2, kSmallestModelFill);
}

std::vector<Seed> Seeds() {
  return {
      {"valid", [](GgufEditor&) {}},
      {"valid_gpt2", [](GgufEditor& e) { e.SetString("tokenizer.ggml.pre", "gpt-2"); }},
      {"valid_heads",
       [](GgufEditor& e) {
         e.SetU32("bitnet-b1.58.attention.head_count", 4);
         e.SetU32("bitnet-b1.58.rope.dimension_count", 32);
         e.SetU32("bitnet-b1.58.attention.head_count_kv", 2);
         for (const char* name : {"blk.0.attn_k.weight", "blk.0.attn_v.weight"}) {
           e.tensor(name).dims = {128, 64};
           e.tensor(name).data.resize(128 * 64 / 4 + 32);
         }
       }},
      {"valid_linear_rope",
       [](GgufEditor& e) {
         e.SetString("bitnet-b1.58.rope.scaling.type", "linear");
         e.SetF32("bitnet-b1.58.rope.scaling.factor", 1.0f);
       }},
      {"untied_head", AddHead},
      {"mixed_types",
       [](GgufEditor& e) {
         e.SetU32("bitnet-b1.58.feed_forward_length", 256);
         for (const char* name : {"blk.0.ffn_gate.weight", "blk.0.ffn_up.weight"}) {
           e.tensor(name).dims = {128, 256};
           e.tensor(name).data.assign(128 * 256 / 4 + 32, kSmallestModelFill);
         }
         e.tensor("blk.0.ffn_sub_norm.weight").dims = {256};
         e.tensor("blk.0.ffn_sub_norm.weight").data.assign(1024, kSmallestModelFill);
         e.tensor("blk.0.ffn_down.weight").dims = {256, 128};
         e.Retype("blk.0.ffn_down.weight", TensorType::kTq2_0, 128 * 66, kSmallestModelFill);
       }},
      {"layers_huge", [](GgufEditor& e) { e.SetU64("bitnet-b1.58.block_count", UINT64_MAX); }},
      {"layers_without_tensors", [](GgufEditor& e) { e.SetU32("bitnet-b1.58.block_count", 1024); }},
      {"other_architecture", [](GgufEditor& e) { e.SetString("general.architecture", "falcon"); }},
      {"llama", [](GgufEditor&) {}, "llama"},
      {"llama_untied", AddHead, "llama"},
      {"llama_long_heads",
       [](GgufEditor& e) {
         for (const char* key : {"attention.key_length", "attention.value_length", "rope.dimension_count"}) {
           e.SetU32(std::string("llama.") + key, 256);
         }
         for (const char* part : {"attn_q", "attn_k", "attn_v"}) {
           e.tensor(std::string("blk.0.") + part + ".weight").dims = {128, 256};
           e.tensor(std::string("blk.0.") + part + ".weight").data.resize(128 * 256 / 4 + 32);
         }
         e.tensor("blk.0.attn_output.weight").dims = {256, 128};
         e.tensor("blk.0.attn_output.weight").data.resize(128 * 256 / 4 + 32);
       },
       "llama"},
      {"llama_odd_heads", [](GgufEditor& e) { e.SetU32("llama.attention.key_length", 31); }, "llama"},
      {"llama_with_sub_norms", [](GgufEditor& e) { e.SetString("general.architecture", "llama"); }},
      {"bitnet", [](GgufEditor&) {}, "bitnet"},
      {"eos_outside", [](GgufEditor& e) { e.SetU32("tokenizer.ggml.eos_token_id", 1 << 30); }},
      {"shape",
       [](GgufEditor& e) {
         e.tensor("token_embd.weight").dims = {266, 128};
       }},
  };
}

absl::Status WriteSeed(const std::string& folder, const Seed& seed) {
  GgufEditor editor(SmallestModel(seed.architecture));
  seed.edit(editor);
  const std::vector<uint8_t> bytes = editor.Bytes();
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(bytes);
  if (!file.ok()) return file.status();
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()), file->data_offset());
  return WriteFileAtomically(folder + "/" + seed.name + ".header", header);
}

}  // namespace
}  // namespace bitnet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus FOLDER\n");
    return 2;
  }
  for (const bitnet::Seed& seed : bitnet::Seeds()) {
    if (const absl::Status status = bitnet::WriteSeed(argv[1], seed); !status.ok()) {
      std::fprintf(stderr, "%s: %s\n", seed.name.c_str(), status.ToString().c_str());
      return 1;
    }
  }
  return 0;
}
