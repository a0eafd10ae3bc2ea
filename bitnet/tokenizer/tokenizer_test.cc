#include "bitnet/tokenizer/tokenizer.h"

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/tokenizer/byte_level_vocabulary.h"
#include "bitnet/tokenizer/random_text.h"
#include "bitnet/tokenizer/utf8.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

class TokenizerTest : public testing::TestWithParam<PreTokenizer> {
 protected:
  TokenizerTest() : vocabulary_(GetParam()), tokenizer_(*Tokenizer::Create(vocabulary_.Data())) {}

  // The tokens of `text` as they stand in the vocabulary, without bos.
  std::vector<std::string> Tokens(std::string_view text, bool parse_special = false) const {
    std::vector<std::string> tokens;
    for (const TokenId id : tokenizer_.Encode(text, {.add_bos = false, .parse_special = parse_special})) {
      tokens.push_back(vocabulary_.tokens[id]);
    }
    return tokens;
  }

  ByteLevelVocabulary vocabulary_;
  Tokenizer tokenizer_;
};

using Expected = std::vector<std::string>;

TEST_P(TokenizerTest, Merges) {
  EXPECT_EQ(Tokens("hello hell"), (Expected{"hello", "Ġ", "hell"}));
  EXPECT_EQ(Tokens(" the the"), (Expected{"Ġthe", "Ġthe"}));
  EXPECT_EQ(Tokens("aaaaaaa"), (Expected{"aaaa", "aa", "a"}));
  EXPECT_EQ(Tokens("é🚀"), (Expected{"Ã©", "ðŁļĢ"}));
  EXPECT_EQ(Tokens(""), Expected{});
}

TEST_P(TokenizerTest, WholeWordsAreTokensInLlama3Only) {
  const bool llama3 = GetParam() == PreTokenizer::kLlama3;
  EXPECT_EQ(Tokens("world"), llama3 ? (Expected{"world"}) : (Expected{"wor", "l", "d"}));
}

TEST_P(TokenizerTest, ControlTokensOnlyOnRequest) {
  const Expected plain = Tokens("a<|eot_id|>b");
  EXPECT_EQ(plain, (Expected{"a", "<|", "e", "o", "t", "_", "i", "d", "|>", "b"}));
  EXPECT_EQ(Tokens("a<|eot_id|>b", true), (Expected{"a", "<|eot_id|>", "b"}));
  EXPECT_EQ(Tokens("<|eot_id|>!<|eot_id|>!!", true), (Expected{"<|eot_id|>!", "<|eot_id|>!", "!"}));
  EXPECT_EQ(Tokens("<|end<|end_of_text|>", true), (Expected{"<|end", "<|end_of_text|>"}));
  EXPECT_EQ(Tokens("<unk>", true), (Expected{"<unk>"}));
  EXPECT_EQ(Tokens("<unk>").size(), 5u);
}

TEST_P(TokenizerTest, UserDefinedTokensAlways) {
  EXPECT_EQ(Tokens("a<tool>b"), (Expected{"a", "<tool>", "b"}));
  EXPECT_EQ(Tokens("<tool>s"), (Expected{"<tool>s"}));
  EXPECT_EQ(Tokens("\u2581tool"), (Expected{"\u2581tool"}));
}

TEST_P(TokenizerTest, TokensOutsideTheAlphabetAreNeverMade) {
  for (const std::string& token : Tokens("two words", true)) EXPECT_NE(token, "two words");
  EXPECT_EQ(*tokenizer_.TokenBytes(vocabulary_.Id("two words"), false), "two words");
}

TEST_P(TokenizerTest, Bos) {
  const TokenId bos = vocabulary_.Id("<|begin_of_text|>");
  EXPECT_EQ(tokenizer_.bos(), bos);
  EXPECT_EQ(tokenizer_.Encode("", {}), (std::vector<TokenId>{bos}));
  EXPECT_EQ(tokenizer_.Encode("a", {}), (std::vector<TokenId>{bos, 'a'}));
  TokenizerData data = vocabulary_.Data();
  data.add_bos = false;
  EXPECT_EQ(Tokenizer::Create(data)->Encode("a", {}), (std::vector<TokenId>{'a'}));
}

TEST_P(TokenizerTest, EndOfGeneration) {
  const TokenId eot = vocabulary_.Id("<|eot_id|>");
  const TokenId eos = vocabulary_.Id("<|end_of_text|>");
  EXPECT_EQ(tokenizer_.end_of_generation_ids(), (std::vector<TokenId>{eos, eot}));
  EXPECT_TRUE(tokenizer_.IsEndOfGeneration(eot));
  EXPECT_TRUE(tokenizer_.IsEndOfGeneration(eos));
  EXPECT_FALSE(tokenizer_.IsEndOfGeneration('a'));
  EXPECT_FALSE(tokenizer_.IsEndOfGeneration(-1));
  EXPECT_FALSE(tokenizer_.IsEndOfGeneration(static_cast<TokenId>(tokenizer_.vocab_size())));
  TokenizerData data = vocabulary_.Data();
  data.eot = 'x';  // whatever the file says, even an ordinary token
  data.token_types[eot] = 1;
  EXPECT_EQ(Tokenizer::Create(data)->end_of_generation_ids(), (std::vector<TokenId>{'x', eos}));
}

TEST_P(TokenizerTest, DecodeAndLookUp) {
  const TokenId eot = vocabulary_.Id("<|eot_id|>");
  const std::vector<TokenId> ids = {'a', eot, vocabulary_.Id("Ġthe"), vocabulary_.Id("<tool>")};
  EXPECT_EQ(*tokenizer_.Decode(ids, /*special=*/false), "a the<tool>");
  EXPECT_EQ(*tokenizer_.Decode(ids, /*special=*/true), "a<|eot_id|> the<tool>");
  for (TokenId id = 0; id < tokenizer_.vocab_size(); ++id) {
    EXPECT_EQ(tokenizer_.FindToken(vocabulary_.tokens[id]), id) << vocabulary_.tokens[id];
  }
  EXPECT_EQ(tokenizer_.FindToken(" the"), std::nullopt);
  EXPECT_EQ(tokenizer_.FindToken("nowhere"), std::nullopt);
  EXPECT_EQ(tokenizer_.FindToken(""), std::nullopt);
  const TokenId past = static_cast<TokenId>(tokenizer_.vocab_size());
  for (const TokenId id : {TokenId{-1}, past}) {
    EXPECT_EQ(tokenizer_.TokenBytes(id, false).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(tokenizer_.Decode(std::vector<TokenId>{'a', id}, false).status().code(),
              absl::StatusCode::kInvalidArgument);
    StreamingDetokenizer stream(tokenizer_);
    EXPECT_EQ(stream.Push(id).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(TokenizerTest, RandomTextsRoundTrip) {
  const Tokenizer tokenizer = std::move(tokenizer_);
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 10000; ++i) {
    const bool valid = i % 2 == 0;
    const std::string text = RandomText(random, valid);
    const std::vector<TokenId> ids = tokenizer.Encode(text, {.add_bos = false});
    ASSERT_EQ(*tokenizer.Decode(ids, /*special=*/false), text) << "string " << i;
    StreamingDetokenizer stream(tokenizer);
    std::string streamed;
    for (const TokenId id : ids) {
      const std::string piece(*stream.Push(id));
      ASSERT_TRUE(IsUtf8(piece) || !valid) << "string " << i;
      streamed += piece;
    }
    const std::string rest = stream.Flush();
    ASSERT_TRUE(rest.empty() || !valid) << "string " << i;
    ASSERT_EQ(streamed + rest, text) << "string " << i;
    ASSERT_EQ(*tokenizer.Decode(tokenizer.Encode(text, {.add_bos = false, .parse_special = true}), /*special=*/true),
              text);
  }
}

TEST_P(TokenizerTest, StreamingHoldsBackOnlyWhatMayBecomeACharacter) {
  StreamingDetokenizer stream(tokenizer_);
  const auto push = [&](int byte) { return *stream.Push(byte); };
  EXPECT_EQ(push(0xF0), "");
  EXPECT_EQ(push(0x9F), "");
  EXPECT_EQ(push(0x9A), "");
  EXPECT_EQ(push(0x80), "🚀");
  EXPECT_EQ(push(0xE2), "");
  EXPECT_EQ(push('x'), "\xE2x");  // can no longer become one
  EXPECT_EQ(push(0xFF), "\xFF");  // never could
  EXPECT_EQ(push(0xE2), "");
  EXPECT_EQ(push(0xC3), "\xE2");  // a new lead byte
  EXPECT_EQ(*stream.Push(vocabulary_.Id("<|eot_id|>")), "");
  EXPECT_EQ(push(0xA9), "é");
  EXPECT_EQ(push(0xC3), "");
  EXPECT_EQ(stream.Flush(), "\xC3");
  EXPECT_EQ(stream.Flush(), "");
}

INSTANTIATE_TEST_SUITE_P(Both, TokenizerTest, testing::Values(PreTokenizer::kLlama3, PreTokenizer::kGpt2),
                         [](const auto& info) { return info.param == PreTokenizer::kLlama3 ? "Llama3" : "Gpt2"; });

TEST(TokenizerCreateTest, RefusesWithTheIndex) {
  struct Case {
    std::string_view said;
    std::function<void(TokenizerData&)> spoil;
  };
  const Case cases[] = {
      {"differ in size: 301 tokens, 300 types", [](TokenizerData& d) { d.token_types.pop_back(); }},
      {"token 97 is empty", [](TokenizerData& d) { d.tokens[97] = ""; }},
      {"token 98 \"b\" has type 0; expected 1 to 6", [](TokenizerData& d) { d.token_types[98] = 0; }},
      {"token 98 \"b\" has type 7; expected 1 to 6", [](TokenizerData& d) { d.token_types[98] = 7; }},
      {"tokens 97 and 98 are both \"a\"", [](TokenizerData& d) { d.tokens[98] = "a"; }},
      {"are both \"<|eot_id|>\"", [](TokenizerData& d) { d.tokens.back() = "<|eot_id|>"; }},
      {"tokens 104 and 300 are both \"h\"", [](TokenizerData& d) { d.tokens.back() = "h"; }},
      {"no token for byte 0x61", [](TokenizerData& d) { d.tokens[97] = "aaaaa"; }},
      {"no token for byte 0x61", [](TokenizerData& d) { d.token_types[97] = 3; }},
      {"bos token id 301 is outside the vocabulary; expected 0 <= id < 301", [](TokenizerData& d) { d.bos = 301; }},
      {"eos token id -1 is outside", [](TokenizerData& d) { d.eos = -1; }},
      {"eot token id 1000000 is outside", [](TokenizerData& d) { d.eot = 1000000; }},
      {"add_bos is set but there is no bos", [](TokenizerData& d) { d.bos.reset(); }},
      {"merge 1 \"ll\": has no space", [](TokenizerData& d) { d.merges[1] = "ll"; }},
      {"merge 2 \"\": has no space", [](TokenizerData& d) { d.merges[2] = ""; }},
      {"merge 0 \"h \\t\": has a character outside the byte alphabet", [](TokenizerData& d) { d.merges[0] = "h \t"; }},
      {"merge 0 \"h e l\": has a character outside", [](TokenizerData& d) { d.merges[0] = "h e l"; }},
      {"merge 0 \" he\": the left part is not in the vocabulary", [](TokenizerData& d) { d.merges[0] = " he"; }},
      {"merge 0 \"he \": the right part is not in the vocabulary", [](TokenizerData& d) { d.merges[0] = "he "; }},
      {"merge 3 \"zz a\": the left part is not", [](TokenizerData& d) { d.merges[3] = "zz a"; }},
      {"merge 3 \"a zz\": the right part is not", [](TokenizerData& d) { d.merges[3] = "a zz"; }},
      {"merge 3 \"z z\": the result is not", [](TokenizerData& d) { d.merges[3] = "z z"; }},
      {"merge 3 \"<|eot_id|> !\": the left part is not", [](TokenizerData& d) { d.merges[3] = "<|eot_id|> !"; }},
  };
  const ByteLevelVocabulary vocabulary(PreTokenizer::kLlama3);
  ASSERT_TRUE(Tokenizer::Create(vocabulary.Data()).ok()) << Tokenizer::Create(vocabulary.Data()).status();
  for (const Case& c : cases) {
    TokenizerData data = vocabulary.Data();
    c.spoil(data);
    const absl::Status status = Tokenizer::Create(data).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.said;
    EXPECT_NE(status.message().find(c.said), std::string::npos) << status << "\nexpected: " << c.said;
  }
}

TEST(TokenizerCreateTest, UserDefinedTokensOfPlainAsciiMayMerge) {
  ByteLevelVocabulary vocabulary(PreTokenizer::kGpt2);
  vocabulary.types[vocabulary.Id("he")] = 4;
  const auto tokenizer = Tokenizer::Create(vocabulary.Data());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ(tokenizer->Encode("xhello", {.add_bos = false}),  // found first, so it no longer merges with what follows
            (std::vector<TokenId>{'x', vocabulary.Id("he"), vocabulary.Id("ll"), 'o'}));
}

}  // namespace
}  // namespace bitnet
