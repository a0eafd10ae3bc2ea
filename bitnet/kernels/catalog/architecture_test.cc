#include "bitnet/kernels/catalog/architecture.h"

#include <set>
#include <string_view>

#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(ArchitectureTest, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const Architecture& architecture : Architectures()) {
    EXPECT_TRUE(names.insert(architecture.name).second) << architecture.name;
    EXPECT_EQ(FindArchitecture(architecture.name), &architecture);
  }
  for (std::string_view other : {"", "LLAMA", "llama ", "falcon", "qwen2", "bitnet-b1.5"}) {
    EXPECT_EQ(FindArchitecture(other), nullptr) << other;
  }
  EXPECT_EQ(ArchitectureNames(), "bitnet-b1.58, bitnet-25, bitnet, llama");
}

// What each name has meant in published files. A row that changes makes other logits of the same file.
TEST(ArchitectureTest, TraitsByName) {
  for (std::string_view name : {"bitnet-b1.58", "bitnet-25", "bitnet"}) {
    const Architecture& bitnet = *FindArchitecture(name);
    EXPECT_EQ(bitnet.activation, Activation::kRelu2);
    EXPECT_TRUE(bitnet.sub_norms);
    EXPECT_EQ(bitnet.rope, RopeForm::kHalfSplit);
    EXPECT_FALSE(bitnet.may_untie_head);
    EXPECT_FALSE(bitnet.own_head_dim);
    EXPECT_EQ(bitnet.default_rope_freq_base, 0);
    EXPECT_TRUE(bitnet.implies_llama3_words);
  }
  const Architecture& llama = *FindArchitecture("llama");
  EXPECT_EQ(llama.activation, Activation::kSilu);
  EXPECT_FALSE(llama.sub_norms);
  EXPECT_EQ(llama.rope, RopeForm::kInterleaved);
  EXPECT_TRUE(llama.may_untie_head);
  EXPECT_TRUE(llama.own_head_dim);
  EXPECT_EQ(llama.default_rope_freq_base, 10000.0f);
  EXPECT_FALSE(llama.implies_llama3_words);
}

// An architecture without a row's fields spelt out is BitNet 2B-4T, and so is a shape.
TEST(ArchitectureTest, DefaultsAreThoseOfTheShape) {
  EXPECT_EQ(Architecture().activation, ArchShape().activation);
  EXPECT_EQ(Architecture().sub_norms, ArchShape().sub_norms);
  EXPECT_FALSE(ArchShape().untied_head);
}

TEST(ArchitectureTest, ReceiptsSpellThemSo) {
  EXPECT_EQ(ActivationName(Activation::kRelu2), "relu2");
  EXPECT_EQ(ActivationName(Activation::kSilu), "silu");
  EXPECT_EQ(RopeFormName(RopeForm::kHalfSplit), "half_split");
  EXPECT_EQ(RopeFormName(RopeForm::kInterleaved), "interleaved");
}

}  // namespace
}  // namespace bitnet
