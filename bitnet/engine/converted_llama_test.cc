// A Hugging Face directory of a Llama, converted and run: its logits are those of the directory's own meaning, in which
// rows of q and k are half-split, computed in binary64 from matrices that no conversion has touched.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/hf_directory.h"
#include "bitnet/convert/hf_source.h"
#include "bitnet/engine/float64_reference.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/logits_comparison.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/hf/hf_texts.h"
#include "bitnet/quant/codec.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// The matrices of a BitNet file as a checkpoint of class LlamaForCausalLM: another activation, no sub-norms, a head
// that is a tensor of its own.
HfDirectory AsLlama(const GgufFile& file) {
  HfDirectory model = MakeHfDirectory(file, {});
  SetMember(model.config, "model_type", JsonValue::String("llama"));
  SetMember(model.config, "architectures", JsonValue::MakeArray({JsonValue::String("LlamaForCausalLM")}));
  SetMember(model.config, "hidden_act", JsonValue::String("silu"));
  SetMember(model.config, "tie_word_embeddings", JsonValue::Bool(false));
  std::erase_if(model.tensors, [](const HfFileTensor& t) { return absl::StrContains(t.name, "_sub_norm"); });
  HfFileTensor head = model.Tensor("model.embed_tokens.weight");
  head.name = "lm_head.weight";
  model.tensors.push_back(std::move(head));
  return model;
}

TEST(ConvertedLlama, LogitsAreThoseOfTheCheckpoint) {
  ThreadPool pool(2);
  // Scales are written to the checkpoint as bfloat16: those of the file must be powers of two.
  const std::string original = absl::StrCat(testing::TempDir(), "/original.gguf");
  {
    const TestingModel synthetic("tiny", 7);
    const auto bytes = MappedFile::Open(synthetic.path());
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    const std::vector<uint8_t> changed = WithPowerOfTwoScales(bytes->bytes());
    const std::string_view text(reinterpret_cast<const char*>(changed.data()), changed.size());
    ASSERT_TRUE(WriteFileAtomically(original, text).ok());
  }
  const auto bitnet = LoadedModel::Load(original, pool);
  ASSERT_TRUE(bitnet.ok()) << bitnet.status();
  const auto mapped = MappedFile::Open(original);
  ASSERT_TRUE(mapped.ok());
  const auto file = GgufFile::Parse(mapped->bytes());
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string directory = absl::StrCat(testing::TempDir(), "/checkpoint");
  AsLlama(*file).Write(directory);

  const auto source = HfSource::Open(directory, {});
  ASSERT_TRUE(source.ok()) << source.status();
  const std::string converted = absl::StrCat(testing::TempDir(), "/llama.gguf");
  ConvertOptions options;
  options.to = FindTernaryCodec("i2_s");
  const auto result =
      Convert(**source, options, converted, pool, [](std::string_view, uint64_t, uint64_t) { return true; });
  ASSERT_TRUE(result.ok()) << result.status();
  const auto llama = LoadedModel::Load(converted, pool);
  ASSERT_TRUE(llama.ok()) << llama.status();
  EXPECT_EQ((*llama)->config.architecture, "llama");
  EXPECT_EQ((*llama)->config.rope_form, RopeForm::kInterleaved);

  const std::vector<int32_t> ids = TestingIds(9, (*llama)->config.shape.vocab);
  auto session = Session::Create(**llama, pool, {.isa = DetectIsaSet(), .context = 32});
  ASSERT_TRUE(session.ok()) << session.status();
  std::vector<float> got;
  ASSERT_TRUE((*session)
                  ->Prefill(ids, [&](std::span<const float> row) { got.insert(got.end(), row.begin(), row.end()); })
                  .ok());
  // The graph of the checkpoint over the matrices of the file that it was made from.
  ModelConfig config = (*bitnet)->config;
  ASSERT_EQ(config.rope_form, RopeForm::kHalfSplit);
  config.shape.activation = Activation::kSilu;
  config.shape.sub_norms = false;
  std::vector<float> expected;
  for (const float64::Vector& row : float64::Forward(config, (*bitnet)->weights, ids)) {
    expected.insert(expected.end(), row.begin(), row.end());
  }
  ASSERT_EQ(got.size(), expected.size());
  const LogitsComparison same = CompareLogits(got, expected, config.shape.vocab);
  EXPECT_GT(same.cosine_min, 0.999);
  EXPECT_LT(same.relative, 0.05);
  // Rows in the wrong order are another model, and these figures tell.
  config.rope_form = RopeForm::kInterleaved;
  std::vector<float> wrong;
  for (const float64::Vector& row : float64::Forward(config, (*bitnet)->weights, ids)) {
    wrong.insert(wrong.end(), row.begin(), row.end());
  }
  EXPECT_LT(CompareLogits(got, wrong, config.shape.vocab).cosine_min, 0.99);
}

}  // namespace
}  // namespace bitnet
