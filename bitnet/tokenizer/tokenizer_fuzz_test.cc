// Any bytes at all: Encode takes them, and they come back exactly, whole and streamed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/tokenizer/byte_level_vocabulary.h"
#include "bitnet/tokenizer/tokenizer.h"
#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

const Tokenizer& TokenizerFor(PreTokenizer pre) {
  static const Tokenizer& llama3 =
      *new Tokenizer(*Tokenizer::Create(ByteLevelVocabulary(PreTokenizer::kLlama3).Data()));
  static const Tokenizer& gpt2 = *new Tokenizer(*Tokenizer::Create(ByteLevelVocabulary(PreTokenizer::kGpt2).Data()));
  return pre == PreTokenizer::kLlama3 ? llama3 : gpt2;
}

void CheckRoundTrip(const Tokenizer& tokenizer, std::string_view text) {
  const std::vector<TokenId> ids = tokenizer.Encode(text, {});
  CHECK(*tokenizer.Decode(ids, /*special=*/false) == text);
  StreamingDetokenizer stream(tokenizer);
  std::string streamed;
  for (const TokenId id : ids) {
    const std::string piece(*stream.Push(id));
    CHECK(IsUtf8(piece) || !IsUtf8(text));
    streamed += piece;
  }
  CHECK(streamed + stream.Flush() == text);

  const std::vector<TokenId> parsed = tokenizer.Encode(text, {.add_bos = false, .parse_special = true});
  CHECK(*tokenizer.Decode(parsed, /*special=*/true) == text);
}

}  // namespace
}  // namespace bitnet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bitnet::PreTokenizer pre : {bitnet::PreTokenizer::kLlama3, bitnet::PreTokenizer::kGpt2}) {
    bitnet::CheckRoundTrip(bitnet::TokenizerFor(pre), text);
  }
  return 0;
}
