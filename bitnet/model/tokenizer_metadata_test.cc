#include "bitnet/model/tokenizer_metadata.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/tokenizer/pre_tokenizer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// The keys of a file; an empty optional leaves its key out.
struct Keys {
  std::optional<std::string> architecture = "llama";
  std::optional<std::string> model = "gpt2";
  std::optional<std::string> pre = "llama-bpe";
  std::optional<std::vector<std::string>> tokens = {{"a", "b", "ab", "<|end_of_text|>"}};
  std::optional<std::vector<int32_t>> types = {{1, 1, 1, 3}};
  std::optional<std::vector<std::string>> merges = {{"a b"}};
  std::optional<uint32_t> bos, eos, eot;
  std::optional<bool> add_bos;
};

class TokenizerMetadataTest : public testing::Test {
 protected:
  // The file lives until the next call.
  const GgufFile& Write(const Keys& keys) {
    GgufWriter writer;
    const auto text = [&](std::string_view key, const std::optional<std::string>& value) {
      if (value.has_value()) writer.AddString(key, *value);
    };
    const auto id = [&](std::string_view key, std::optional<uint32_t> value) {
      if (value.has_value()) writer.AddU32(key, *value);
    };
    text("general.architecture", keys.architecture);
    text("tokenizer.ggml.model", keys.model);
    text("tokenizer.ggml.pre", keys.pre);
    if (keys.tokens.has_value()) writer.AddStringArray("tokenizer.ggml.tokens", *keys.tokens);
    if (keys.types.has_value()) writer.AddI32Array("tokenizer.ggml.token_type", *keys.types);
    if (keys.merges.has_value()) writer.AddStringArray("tokenizer.ggml.merges", *keys.merges);
    id("tokenizer.ggml.bos_token_id", keys.bos);
    id("tokenizer.ggml.eos_token_id", keys.eos);
    id("tokenizer.ggml.eot_token_id", keys.eot);
    if (keys.add_bos.has_value()) writer.AddBool("tokenizer.ggml.add_bos_token", *keys.add_bos);
    const std::string path = testing::TempDir() + "/tokenizer_metadata_test.gguf";
    EXPECT_TRUE(writer.Begin(path).ok());
    EXPECT_TRUE(writer.Finish().ok());
    mapped_.emplace(*MappedFile::Open(path));
    file_.emplace(*GgufFile::Parse(mapped_->bytes()));
    return *file_;
  }

  absl::StatusOr<TokenizerData> Read(const Keys& keys) { return ReadTokenizerData(Write(keys)); }

 private:
  std::optional<MappedFile> mapped_;
  std::optional<GgufFile> file_;
};

TEST_F(TokenizerMetadataTest, EveryKeyArrives) {
  const auto data = Read({.bos = 0, .eos = 3, .eot = 2, .add_bos = true});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->tokens, (std::vector<std::string_view>{"a", "b", "ab", "<|end_of_text|>"}));
  EXPECT_EQ(data->token_types, (std::vector<int32_t>{1, 1, 1, 3}));
  EXPECT_EQ(data->merges, (std::vector<std::string_view>{"a b"}));
  EXPECT_EQ(data->pre, PreTokenizer::kLlama3);
  EXPECT_EQ(data->bos, 0);
  EXPECT_EQ(data->eos, 3);
  EXPECT_EQ(data->eot, 2);
  EXPECT_TRUE(data->add_bos);
}

TEST_F(TokenizerMetadataTest, PreTokenizerByName) {
  for (const char* name : {"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon_e"}) {
    const auto data = Read({.pre = name});
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_EQ(data->pre, PreTokenizer::kLlama3) << name;
  }
  for (const char* name : {"gpt-2", "phi-2", "mpt", "olmo"}) {
    const auto data = Read({.pre = name});
    ASSERT_TRUE(data.ok()) << data.status();
    EXPECT_EQ(data->pre, PreTokenizer::kGpt2) << name;
  }
}

// Splits worked out by hand from the published patterns. In Llama-3's class (Falcon3, Falcon-E) contractions are found
// in capitals too, digits go by threes from the left, and one symbol may lead a word; in GPT-2's (GPT-NeoX
// vocabularies) contractions are small letters, digits and symbols run on, and only a blank leads a word.
TEST_F(TokenizerMetadataTest, ThePreTokenizerNameDecidesTheWords) {
  constexpr std::string_view kText = "I'VE paid $1234567 (twice)\n";
  using Words = std::vector<std::string>;
  const Words llama3 = {"I", "'VE", " paid", " $", "123", "456", "7", " (", "twice", ")\n"};
  const Words gpt2 = {"I", "'", "VE", " paid", " $", "1234567", " (", "twice", ")", "\n"};
  const auto words = [&](const char* pre) {
    Words split;
    WordSplitter(Read({.pre = pre})->pre).Split(kText, [&](std::string_view word) { split.emplace_back(word); });
    return split;
  };
  for (const char* pre : {"llama-bpe", "falcon3", "falcon_e"}) EXPECT_EQ(words(pre), llama3) << pre;
  for (const char* pre : {"gpt-2", "mpt", "olmo"}) EXPECT_EQ(words(pre), gpt2) << pre;
}

TEST_F(TokenizerMetadataTest, BitnetFilesWithoutPreTokenizerAreLlama3) {
  for (const char* architecture : {"bitnet-b1.58", "bitnet-25", "bitnet"}) {
    for (const std::optional<std::string>& pre :
         {std::optional<std::string>(), std::optional<std::string>("default")}) {
      const auto data = Read({.architecture = architecture, .pre = pre});
      ASSERT_TRUE(data.ok()) << data.status();
      EXPECT_EQ(data->pre, PreTokenizer::kLlama3) << architecture;
    }
  }
}

TEST_F(TokenizerMetadataTest, AddBosWhenTheFileDoesNotSay) {
  EXPECT_TRUE(Read({.bos = 0})->add_bos);
  EXPECT_FALSE(Read({})->add_bos);
  EXPECT_TRUE(Read({.pre = "falcon3", .bos = 0})->add_bos);
  EXPECT_FALSE(Read({.pre = "gpt-2", .bos = 0})->add_bos);
  EXPECT_FALSE(Read({.bos = 0, .add_bos = false})->add_bos);
}

TEST_F(TokenizerMetadataTest, RefusesByName) {
  struct Case {
    Keys keys;
    absl::StatusCode code;
    std::string_view said;
  };
  const Case cases[] = {
      {{.model = "llama"}, absl::StatusCode::kUnimplemented, "tokenizer.ggml.model \"llama\" (SentencePiece"},
      {{.model = "bert"}, absl::StatusCode::kUnimplemented, "tokenizer.ggml.model \"bert\" is not supported"},
      // An earlier Falcon has another pattern: the name must match whole.
      {{.pre = "falcon"}, absl::StatusCode::kUnimplemented, "tokenizer.ggml.pre \"falcon\" is not supported"},
      {{.pre = "qwen2"}, absl::StatusCode::kUnimplemented, "tokenizer.ggml.pre \"qwen2\" is not supported"},
      {{.pre = std::nullopt}, absl::StatusCode::kFailedPrecondition, "tokenizer.ggml.pre is missing"},
      {{.pre = "default"}, absl::StatusCode::kFailedPrecondition, "architecture \"llama\" does not imply it"},
      {{.model = std::nullopt}, absl::StatusCode::kNotFound, "tokenizer.ggml.model"},
      {{.tokens = std::nullopt}, absl::StatusCode::kNotFound, "tokenizer.ggml.tokens"},
      {{.types = std::nullopt}, absl::StatusCode::kNotFound, "tokenizer.ggml.token_type"},
      {{.merges = std::nullopt}, absl::StatusCode::kNotFound, "tokenizer.ggml.merges"},
      {{.bos = 0x80000000}, absl::StatusCode::kInvalidArgument, "tokenizer.ggml.bos_token_id is 2147483648"},
  };
  for (const Case& c : cases) {
    const auto data = Read(c.keys);
    ASSERT_FALSE(data.ok()) << c.said;
    EXPECT_EQ(data.status().code(), c.code) << data.status();
    EXPECT_NE(data.status().message().find(c.said), std::string::npos) << data.status();
  }
}

TEST_F(TokenizerMetadataTest, DigestIsTheHashOfTheDocumentedBytes) {
  Sha256 hash;
  hash.Update("bitnet.tokenizer.v1");
  const auto text = [&](std::string_view value) { hash.UpdateU64(value.size()).Update(value); };
  for (const char* value : {"llama", "gpt2", "llama-bpe"}) {
    hash.Update("\x01");
    text(value);
  }
  hash.Update("\x01").UpdateU64(4);
  for (const char* token : {"a", "b", "ab", "<|end_of_text|>"}) text(token);
  hash.Update("\x01").UpdateU64(1);
  text("a b");
  hash.Update("\x01").UpdateU64(4).UpdateU32(1).UpdateU32(1).UpdateU32(1).UpdateU32(3);
  hash.Update("\x01").UpdateU64(2);        // bos
  hash.Update(std::string_view("\0", 1));  // no eos
  hash.Update("\x01").UpdateU64(3);        // eot
  hash.Update("\x01").Update("\x01");      // add_bos
  EXPECT_EQ(ToHex(TokenizerDigest(Write({.bos = 2, .eot = 3, .add_bos = true}))), ToHex(hash.Finish()));
}

TEST_F(TokenizerMetadataTest, DigestSeesEveryField) {
  const std::function<void(Keys&)> changes[] = {
      [](Keys&) {},
      [](Keys& k) { k.architecture = "bitnet"; },
      [](Keys& k) { k.model = "llama"; },
      [](Keys& k) { k.pre = "gpt-2"; },
      [](Keys& k) { k.pre.reset(); },
      [](Keys& k) { k.tokens->at(1) = "c"; },
      [](Keys& k) {
        *k.tokens = {"ab", "b", "a", "<|end_of_text|>"};
      },
      [](Keys& k) { k.types->at(0) = 4; },
      [](Keys& k) { k.merges->at(0) = "b a"; },
      [](Keys& k) { k.merges->clear(); },
      [](Keys& k) { k.bos = 1; },
      [](Keys& k) { k.eos = 1; },
      [](Keys& k) { k.eot = 1; },
      [](Keys& k) { k.add_bos = false; },
      [](Keys& k) { k.add_bos = true; },
  };
  std::set<Digest> digests;
  for (const auto& change : changes) {
    Keys keys;
    change(keys);
    EXPECT_TRUE(digests.insert(TokenizerDigest(Write(keys))).second) << "change " << digests.size();
  }
}

}  // namespace
}  // namespace bitnet
