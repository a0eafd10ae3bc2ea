// Any vocabulary at all: Create answers with a tokenizer that round-trips or with an error that says why not.
//
// The input is lines. "m left right" is a merge; a digit 0 to 9 and a text is a token of that type; a first
// line "r" leaves out the 256 single bytes, which otherwise come first; anything else is the text to encode.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "bitnet/tokenizer/byte_alphabet.h"
#include "bitnet/tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using bitnet::Tokenizer;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::vector<std::string_view> lines = absl::StrSplit(input, '\n');
  bitnet::TokenizerData data;
  std::vector<std::string> alphabet;
  alphabet.reserve(256);
  for (int byte = 0; byte < 256 && !input.starts_with("r\n"); ++byte) {
    data.tokens.push_back(alphabet.emplace_back(bitnet::EncodeByteAlphabet(std::string(1, static_cast<char>(byte)))));
    data.token_types.push_back(1);
  }
  std::string text;
  for (const std::string_view line : lines) {
    if (line.starts_with("m ")) {
      data.merges.push_back(line.substr(2));
    } else if (!line.empty() && line[0] >= '0' && line[0] <= '9') {
      data.tokens.push_back(line.substr(1));
      data.token_types.push_back(line[0] - '0');
    } else {
      text.append(line).append("\n");
    }
  }
  if (size % 2 == 1) data.pre = bitnet::PreTokenizer::kGpt2;
  const absl::StatusOr<Tokenizer> tokenizer = Tokenizer::Create(data);
  if (!tokenizer.ok()) {
    CHECK(!tokenizer.status().message().empty());
    return 0;
  }
  for (size_t id = 0; id < data.tokens.size(); ++id) {
    CHECK(tokenizer->FindToken(data.tokens[id]) == static_cast<bitnet::TokenId>(id));
  }
  CHECK(*tokenizer->Decode(tokenizer->Encode(text, {}), /*special=*/false) == text);
  CHECK(*tokenizer->Decode(tokenizer->Encode(text, {.parse_special = true}), /*special=*/true) == text);
  return 0;
}
