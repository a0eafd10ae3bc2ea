// Vectors of the Llama-3 and GPT-2 vocabularies that another program wrote. They lie beside the checkout and may be
// absent: then the tests skip by name.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/tokenizer_metadata.h"
#include "bitnet/tokenizer/random_text.h"
#include "bitnet/tokenizer/tokenizer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr char kFolder[] = "external/shared_data/tokenizer/";

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Each text is followed by a line end and the separator's line; it may hold line ends of its own.
std::vector<std::string> ReadTexts(const std::string& path) {
  std::vector<std::string> texts = absl::StrSplit(ReadText(path), "\n__ggml_vocab_test__\n");
  EXPECT_EQ(texts.back(), "") << path << " does not end with the separator";
  texts.pop_back();
  return texts;
}

// One line of ids for each text; an empty line for the empty text.
std::vector<std::vector<TokenId>> ReadIds(const std::string& path) {
  std::vector<std::string> lines = absl::StrSplit(ReadText(path), '\n');
  EXPECT_EQ(lines.back(), "") << path << " does not end with a line end";
  lines.pop_back();
  std::vector<std::vector<TokenId>> result;
  for (const std::string& line : lines) {
    std::vector<TokenId>& ids = result.emplace_back();
    for (const std::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      EXPECT_TRUE(absl::SimpleAtoi(word, &ids.emplace_back())) << word;
    }
  }
  return result;
}

struct VocabularyCase {
  std::string file;
  bool add_bos;
  TokenId bos, eos;
  std::vector<TokenId> ends;
};
void PrintTo(const VocabularyCase& vocabulary, std::ostream* out) { *out << vocabulary.file; }

// The tokenizer of a file, made once: under the sanitizers that takes seconds.
const Tokenizer& TokenizerOf(const std::string& path) {
  static auto& made = *new std::map<std::string, Tokenizer>();
  const auto found = made.find(path);
  if (found != made.end()) return found->second;
  const auto file = MappedFile::Open(path);
  CHECK_OK(file);
  const auto gguf = GgufFile::Parse(file->bytes());
  CHECK_OK(gguf);
  const auto data = ReadTokenizerData(*gguf);
  CHECK_OK(data);
  auto tokenizer = Tokenizer::Create(*data);
  CHECK_OK(tokenizer);
  return made.emplace(path, *std::move(tokenizer)).first->second;  // outlives the mapping: it keeps its own copies
}

class TokenizerVectorsTest : public testing::TestWithParam<VocabularyCase> {
 protected:
  void SetUp() override {
    path_ = std::string(kFolder) + GetParam().file;
    if (!std::filesystem::exists(path_)) GTEST_SKIP() << "no outside files: @shared_data//:tokenizer lacks " << path_;
    tokenizer_ = &TokenizerOf(path_);
  }

  std::string path_;
  const Tokenizer* tokenizer_ = nullptr;
};

TEST_P(TokenizerVectorsTest, EveryVectorMatches) {
  const std::vector<std::string> texts = ReadTexts(path_ + ".inp");
  const std::vector<std::vector<TokenId>> ids = ReadIds(path_ + ".out");
  ASSERT_EQ(texts.size(), 46u);
  ASSERT_EQ(ids.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tokenizer_->Encode(texts[i], {.add_bos = false}), ids[i]) << "text " << i << ": " << texts[i];
    const auto text = tokenizer_->Decode(ids[i], /*special=*/false);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, texts[i]);
  }
}

TEST_P(TokenizerVectorsTest, SpecialIds) {
  EXPECT_EQ(tokenizer_->bos(), GetParam().bos);
  EXPECT_EQ(tokenizer_->eos(), GetParam().eos);
  EXPECT_EQ(tokenizer_->add_bos(), GetParam().add_bos);
  EXPECT_EQ(tokenizer_->end_of_generation_ids(), GetParam().ends);
}

TEST_P(TokenizerVectorsTest, RandomTextsRoundTrip) {
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 10000; ++i) {
    const std::string text = RandomText(random);
    const std::vector<TokenId> ids = tokenizer_->Encode(text, {.add_bos = false});
    const auto decoded = tokenizer_->Decode(ids, /*special=*/false);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    ASSERT_EQ(*decoded, text) << "string " << i;
    StreamingDetokenizer stream(*tokenizer_);
    std::string streamed;
    for (const TokenId id : ids) streamed += *stream.Push(id);
    ASSERT_EQ(streamed + stream.Flush(), text) << "string " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    SharedData, TokenizerVectorsTest,
    testing::Values(VocabularyCase{"ggml-vocab-llama-bpe.gguf", true, 128000, 128001, {128001, 128009}},
                    VocabularyCase{"ggml-vocab-gpt-2.gguf", false, 50256, 50256, {50256}}),
    [](const auto& info) { return info.index == 0 ? "Llama3" : "Gpt2"; });

// A chat prompt of the 2B-4T model: the control tokens become ids only when asked for.
class TokenizerPromptTest : public TokenizerVectorsTest {};

TEST_P(TokenizerPromptTest, ControlTokensInTheText) {
  constexpr std::string_view kPrompt = "System: Be brief.<|eot_id|>User: Hello world<|eot_id|>Assistant: ";
  const auto piece = [this](std::string_view text) { return tokenizer_->Encode(text, {.add_bos = false}); };
  std::vector<TokenId> expected = {128000};
  for (const std::string_view text : {"System: Be brief.", "User: Hello world"}) {
    for (const TokenId id : piece(text)) expected.push_back(id);
    expected.push_back(128009);
  }
  for (const TokenId id : piece("Assistant: ")) expected.push_back(id);
  EXPECT_EQ(tokenizer_->Encode(kPrompt, {.parse_special = true}), expected);

  const std::vector<TokenId> plain = tokenizer_->Encode(kPrompt, {.add_bos = false});
  for (const TokenId id : plain) EXPECT_LT(id, 128000);
  EXPECT_EQ(*tokenizer_->Decode(plain, false), kPrompt);

  EXPECT_EQ(*tokenizer_->Decode(expected, /*special=*/true), "<|begin_of_text|>" + std::string(kPrompt));
  EXPECT_EQ(*tokenizer_->Decode(expected, /*special=*/false), "System: Be brief.User: Hello worldAssistant: ");
  EXPECT_EQ(tokenizer_->FindToken("<|eot_id|>"), 128009);
  EXPECT_EQ(tokenizer_->FindToken("ĠHello"), 22691);
}

INSTANTIATE_TEST_SUITE_P(SharedData, TokenizerPromptTest,
                         testing::Values(VocabularyCase{"ggml-vocab-llama-bpe.gguf", true, 128000, 128001, {}}));

}  // namespace
}  // namespace bitnet
