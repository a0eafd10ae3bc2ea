#include "bitnet/hf/hf_tokenizer.h"

#include <functional>
#include <random>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/hf/hf_texts.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/tokenizer/byte_level_vocabulary.h"
#include "bitnet/tokenizer/random_text.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// Texts of the files, and the configuration beside them.
class HfTokenizerTest : public testing::Test {
 protected:
  HfTokenizerTest() : vocabulary_(PreTokenizer::kLlama3), data_(vocabulary_.Data()) {
    // An unknown token and one with a raw space have no place in a tokenizer.json of byte-level BPE.
    data_.token_types[vocabulary_.Id("<unk>")] = 3;
    data_.token_types[vocabulary_.Id("two words")] = 4;
    config_.vocab = data_.tokens.size();
    config_.bos = static_cast<uint64_t>(*data_.bos);
    config_.eos = {static_cast<uint64_t>(*data_.eos)};
    tokenizer_ = MakeHfTokenizer(data_, {});
  }

  absl::StatusOr<HfTokenizer> Read() {
    const std::string tokenizer = CanonicalJson(tokenizer_);
    return ReadHfTokenizer({.tokenizer = tokenizer,
                            .tokenizer_config = tokenizer_config_,
                            .generation_config = generation_config_,
                            .special_tokens_map = special_tokens_map_,
                            .chat_template = chat_template_},
                           config_);
  }
  void ExpectError(absl::StatusCode code, std::string_view text) {
    const absl::Status status = Read().status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), text)) << "expected: " << text << "\ngot: " << status;
  }
  JsonValue& At(std::string_view path) { return Member(tokenizer_, path); }
  uint64_t Id(std::string_view token) { return static_cast<uint64_t>(vocabulary_.Id(token)); }

  ByteLevelVocabulary vocabulary_;
  TokenizerData data_;
  HfConfig config_;
  JsonValue tokenizer_;
  std::string tokenizer_config_, generation_config_, special_tokens_map_, chat_template_;
};

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

TEST_F(HfTokenizerTest, TheSameTokenizerComesBack) {
  for (const HfTokenizerText& text :
       {HfTokenizerText{}, HfTokenizerText{.merges_as_pairs = true}, HfTokenizerText{.added_in_vocab = true}}) {
    tokenizer_ = MakeHfTokenizer(data_, text);
    const auto read = Read();
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->tokens.size(), data_.tokens.size());
    for (size_t id = 0; id < data_.tokens.size(); ++id) {
      EXPECT_EQ(read->token_types[id], data_.token_types[id]) << id;
      if (data_.token_types[id] == 5) continue;
      EXPECT_EQ(read->tokens[id], data_.tokens[id]) << id;
    }
    EXPECT_EQ(read->tokens[Id("[unused]")], absl::StrCat("[PAD", Id("[unused]"), "]"));
    EXPECT_EQ(read->merges, vocabulary_.merges);
    EXPECT_EQ(read->pre, PreTokenizer::kLlama3);
    EXPECT_EQ(read->bos, data_.bos);
    EXPECT_EQ(read->eos, data_.eos);
    EXPECT_FALSE(read->eot.has_value());  // <|eot_id|> is known by its name
    EXPECT_TRUE(read->add_bos);
    EXPECT_TRUE(read->notes.empty());
    const Tokenizer expected = *Tokenizer::Create(data_);
    const Tokenizer got = *Tokenizer::Create(read->Data());
    std::mt19937_64 random(5);
    for (int i = 0; i < 200; ++i) {
      const std::string sample = RandomText(random);
      for (const bool special : {false, true}) {
        EXPECT_EQ(got.Encode(sample, {.parse_special = special}), expected.Encode(sample, {.parse_special = special}));
      }
    }
  }
}

TEST_F(HfTokenizerTest, Gpt2) {
  data_.pre = PreTokenizer::kGpt2;
  tokenizer_ = MakeHfTokenizer(data_, {});
  EXPECT_EQ(Read()->pre, PreTokenizer::kGpt2);
  RemoveMember(At("/pre_tokenizer"), "use_regex");
  EXPECT_EQ(Read()->pre, PreTokenizer::kGpt2);
  SetMember(At("/pre_tokenizer"), "use_regex", JsonValue::Bool(false));
  ExpectError(kUnimplemented, "use_regex: expected true, got false");
  SetMember(At("/pre_tokenizer"), "use_regex", JsonValue::Bool(true));
  SetMember(At("/pre_tokenizer"), "add_prefix_space", JsonValue::Bool(true));
  ExpectError(kUnimplemented, "add_prefix_space");
  SetMember(At("/pre_tokenizer"), "add_prefix_space", JsonValue::Bool(false));
  SetMember(At("/model"), "ignore_merges", JsonValue::Bool(true));
  ExpectError(kUnimplemented, "ignore_merges: with the pre-tokenizer of GPT-2");
}

TEST_F(HfTokenizerTest, Gpt2AsASplit) {
  for (const std::string_view regex : {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
                                       R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"}) {
    SetMember(At("/pre_tokenizer/pretokenizers/0/pattern"), "Regex", Text(regex));
    SetMember(At("/model"), "ignore_merges", JsonValue::Bool(false));
    const auto read = Read();
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->pre, PreTokenizer::kGpt2);
  }
}

TEST_F(HfTokenizerTest, UnknownPreTokenizersAreNamed) {
  SetMember(At("/pre_tokenizer/pretokenizers/0/pattern"), "Regex", Text(R"(\p{N}|\s?\p{L}+)"));
  ExpectError(kUnimplemented, R"(pattern.Regex: expected the pattern of Llama 3 or GPT-2, got "\\p{N}|\\s?\\p{L}+")");
  SetMember(At("/pre_tokenizer/pretokenizers/0/pattern"), "Regex", Text(absl::StrCat("\x1b", std::string(9999, 'x'))));
  ExpectError(kUnimplemented, "got \"\\x1bxxx");
  EXPECT_LT(Read().status().message().size(), 500u);
  SetMember(At("/pre_tokenizer/pretokenizers/0/pattern"), "Regex", Text(kLlama3Regex));
  SetMember(At("/pre_tokenizer/pretokenizers/0"), "behavior", Text("Removed"));
  ExpectError(kUnimplemented, "behavior: expected \"Isolated\", not inverted, got \"Removed\"");
  SetMember(At("/pre_tokenizer/pretokenizers/0"), "behavior", Text("Isolated"));
  SetMember(At("/pre_tokenizer/pretokenizers/0"), "invert", JsonValue::Bool(true));
  ExpectError(kUnimplemented, "inverted");
  SetMember(At("/pre_tokenizer/pretokenizers/0"), "invert", JsonValue::Bool(false));
  SetMember(At("/pre_tokenizer/pretokenizers/1"), "use_regex", JsonValue::Bool(true));
  ExpectError(kUnimplemented, "use_regex: expected false, since a Split comes before it, got true");
  At("/pre_tokenizer/pretokenizers").array().push_back(JsonValue::MakeObject({{"type", Text("Digits")}}));
  ExpectError(kUnimplemented, "expected ByteLevel, or Split and ByteLevel, got Split, ByteLevel, Digits");
  for (int i = 0; i < 100; ++i) {
    At("/pre_tokenizer/pretokenizers")
        .array()
        .push_back(JsonValue::MakeObject({{"type", Text(std::string(99, '\n'))}}));
  }
  ExpectError(kUnimplemented, "Digits, \\n\\n");
  ExpectError(kUnimplemented, " and 95 more");
  EXPECT_LT(Read().status().message().size(), 700u);
  SetMember(tokenizer_, "pre_tokenizer", JsonValue::MakeObject({{"type", Text("Metaspace")}}));
  ExpectError(kUnimplemented, "got Metaspace");
  SetMember(tokenizer_, "pre_tokenizer", JsonValue());
  ExpectError(kInvalid, "pre_tokenizer: expected an object");
}

TEST_F(HfTokenizerTest, OtherModelsAreRefusedByName) {
  for (const std::string_view type : {"NFKC", "NFD", "Lowercase", "Sequence"}) {
    SetMember(tokenizer_, "normalizer", JsonValue::MakeObject({{"type", Text(type)}}));
    ExpectError(kUnimplemented,
                absl::StrCat("normalizer: byte-level BPE of GGUF files has none, expected NFC or none, got \"", type));
  }
  SetMember(tokenizer_, "normalizer", JsonValue());
  for (const auto& [key, value, error] :
       {std::tuple("byte_fallback", JsonValue::Bool(true), "byte_fallback: byte-level BPE has none, got true"),
        std::tuple("dropout", JsonValue::Double(0.5), "dropout: byte-level BPE has none, got the number 0.5"),
        std::tuple("end_of_word_suffix", Text("</w>"), "end_of_word_suffix: expected none, got \"</w>\""),
        std::tuple("type", Text("Unigram"), "type: expected \"BPE\", got \"Unigram\"")}) {
    const JsonValue before = At("/model");
    SetMember(At("/model"), key, value);
    ExpectError(kUnimplemented, error);
    At("/model") = before;
  }
  SetMember(At("/added_tokens/0"), "rstrip", JsonValue::Bool(true));
  ExpectError(kUnimplemented, "rstrip: not implemented, got true for");
}

TEST_F(HfTokenizerTest, IdsAreChecked) {
  SetMember(At("/model/vocab"), "world", JsonValue::Uint(config_.vocab));
  ExpectError(kInvalid, absl::StrCat("token \"world\": expected an id below ", config_.vocab));
  SetMember(At("/model/vocab"), "world", JsonValue::Uint(5));
  ExpectError(kInvalid, "id 5 is taken by \"world\"");
  SetMember(At("/model/vocab"), "world", JsonValue::Int(-1));
  ExpectError(kInvalid, "token \"world\": expected an id, got the number -1");
  SetMember(At("/model/vocab"), "world", JsonValue::Uint(Id("world")));
  SetMember(At("/added_tokens/1"), "content", At("/added_tokens/0/content"));
  ExpectError(kInvalid, "is given twice, with ids");
  config_.vocab = 1 << 24;
  ExpectError(kInvalid, "expected about 16777216 tokens");
}

TEST_F(HfTokenizerTest, MergesAreChecked) {
  JsonValue& merges = At("/model/merges");
  merges.array()[3] = JsonValue::MakeArray({Text("a")});
  ExpectError(kInvalid, "merge 3: expected \"left right\" or a list of two texts");
  merges.array()[3] = JsonValue::MakeArray({Text("a b"), Text("c")});
  ExpectError(kInvalid, "merge 3: ");
  merges.array()[3] = Text("q z");
  ExpectError(kInvalid, "tokenizer.json: ");  // "qz" is no token
}

TEST_F(HfTokenizerTest, IdsComeFromTheFilesInOrder) {
  const uint64_t begin = Id("<|begin_of_text|>"), end = Id("<|end_of_text|>"), tool = Id("<tool>"), other = Id("<|end");
  config_.bos.reset();
  config_.eos.clear();
  SetMember(tokenizer_, "post_processor", JsonValue());
  special_tokens_map_ = R"({"bos_token":{"content":"<|begin_of_text|>","lstrip":false},"pad_token":"<unk>"})";
  auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->bos, begin);
  EXPECT_EQ(read->pad, Id("<unk>"));
  EXPECT_FALSE(read->eos.has_value());
  EXPECT_FALSE(read->add_bos);
  tokenizer_config_ = R"({"eos_token":"<|end_of_text|>","add_bos_token":true})";
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->eos, end);
  EXPECT_TRUE(read->add_bos);
  generation_config_ = absl::StrCat(R"({"eos_token_id":[)", tool, ",", end, ",", other, "]}");
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->eos, tool);
  EXPECT_EQ(read->eot, other);  // the second is known by its name
  config_.eos = {Id("<tool>s"), end};
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->eos, Id("<tool>s"));
  EXPECT_EQ(read->eot, tool);
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_TRUE(absl::StrContains(read->notes[0], "\"<|end\" ends a generation too"));
  config_.eos = {config_.vocab};
  ExpectError(kInvalid, "eos_token_id: expected an id below");
  config_.eos.clear();
  tokenizer_config_ = R"({"eos_token":"<|nowhere|>"})";
  ExpectError(kInvalid, "tokenizer_config.json: eos_token: expected a token of tokenizer.json, got \"<|nowhere|>\"");
}

TEST_F(HfTokenizerTest, TemplateDecidesAboutBos) {
  tokenizer_config_ = R"({"add_bos_token":false,"tokenizer_class":"PreTrainedTokenizerFast"})";
  auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->add_bos);
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_TRUE(absl::StrContains(read->notes[0], "add_bos_token of tokenizer_config.json is false"));
  tokenizer_config_ = R"({"add_bos_token":false,"tokenizer_class":"LlamaTokenizerFast"})";
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->add_bos);
  tokenizer_config_.clear();
  JsonValue& single = At("/post_processor/processors/1/single");
  single.array().push_back(single.array()[0]);
  ExpectError(kUnimplemented, "a token after the text is not implemented, got \"<|begin_of_text|>\"");
  single.array().pop_back();
  config_.bos = Id("<unk>");
  ExpectError(kUnimplemented, "expected at most the bos token before a text, got \"<|begin_of_text|>\"");
  SetMember(tokenizer_, "post_processor", JsonValue::MakeObject({{"type", Text("BertProcessing")}}));
  ExpectError(kUnimplemented, "got \"BertProcessing\"");
}

TEST_F(HfTokenizerTest, NfcIsANote) {
  const auto without = Read();
  SetMember(tokenizer_, "normalizer", JsonValue::MakeObject({{"type", Text("NFC")}}));
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_TRUE(absl::StartsWith(read->notes[0], "tokenizer.json normalises text to NFC")) << read->notes[0];
  EXPECT_EQ(read->tokens, without->tokens);
  // What the note says: U+00E9 and e with a combining accent are one text after NFC, and two here.
  const auto tokenizer = Tokenizer::Create(read->Data());
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_NE(tokenizer->Encode("\u00e9", {}), tokenizer->Encode("e\u0301", {}));
}

TEST_F(HfTokenizerTest, LlamaClassesMakeTheirTemplateFromTheFlag) {
  tokenizer_config_ = R"({"tokenizer_class":"LlamaTokenizerFast"})";
  auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->add_bos);
  EXPECT_TRUE(read->notes.empty()) << "flag and template agree";
  SetMember(tokenizer_, "post_processor", JsonValue());
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->add_bos) << "an absent flag is true";
  SetMember(tokenizer_, "post_processor", JsonValue::MakeObject({{"type", Text("ByteLevel")}}));
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->add_bos);
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_TRUE(
      absl::StrContains(read->notes[0], "is absent, which means true for \"LlamaTokenizerFast\" and is what runs"))
      << read->notes[0];
  tokenizer_config_ = R"({"tokenizer_class":"PreTrainedTokenizerFast","add_bos_token":true})";
  read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->add_bos);
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_TRUE(absl::StrContains(read->notes[0], "is true, but the post_processor of tokenizer.json")) << read->notes[0];
  tokenizer_config_ = R"({"tokenizer_class":"LlamaTokenizer"})";
  config_.bos.reset();
  ExpectError(kInvalid, "expected false, in tokenizer_config.json, where no file names a bos token");
  tokenizer_config_ = R"({"add_eos_token":true})";
  ExpectError(kUnimplemented, "tokenizer_config.json: add_eos_token: a token after the text is not implemented");
  tokenizer_config_ = R"({"add_eos_token":false})";
  EXPECT_TRUE(Read().ok());
}

TEST_F(HfTokenizerTest, ChatTemplates) {
  tokenizer_config_ = R"({"chat_template":"{{ messages }}"})";
  EXPECT_EQ(Read()->chat_template, "{{ messages }}");
  tokenizer_config_ = R"({"chat_template":[{"name":"tool_use","template":"x"},{"name":"default","template":"y"}]})";
  EXPECT_EQ(Read()->chat_template, "y");
  tokenizer_config_ = R"({"chat_template":[{"name":"tool_use","template":"x"},{"name":"rag","template":"y"}]})";
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->chat_template, "");
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_EQ(read->notes[0],
            "tokenizer_config.json has 2 chat templates, none of them named \"default\": the GGUF file has none");
  chat_template_ = "file";
  EXPECT_EQ(Read()->chat_template, "file");
  EXPECT_TRUE(Read()->notes.empty());
  chat_template_.assign(1 << 20, 'x');
  EXPECT_EQ(Read()->chat_template.size(), chat_template_.size());
  chat_template_ += "x";
  ExpectError(kInvalid, "chat_template.jinja: expected at most 1048576 bytes of UTF-8, got 1048577 bytes");
  chat_template_ = "a\xff";
  ExpectError(kInvalid, "got 2 bytes that are no UTF-8");
}

TEST_F(HfTokenizerTest, MergesThatMatterMoreThanTokensAreANote) {
  SetMember(At("/model"), "ignore_merges", JsonValue::Bool(false));
  const auto read = Read();
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->notes.size(), 1u);
  EXPECT_TRUE(absl::StrContains(read->notes[0], "ignore_merges false"));
}

}  // namespace
}  // namespace bitnet
