#include "bitnet/tokenizer/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/tokenizer/byte_alphabet.h"

namespace bitnet {
namespace {

// Token types as GGUF numbers them; the ones between are "spells bytes".
constexpr int32_t kTypeFirst = 1;
constexpr int32_t kTypeUnknown = 2;
constexpr int32_t kTypeControl = 3;
constexpr int32_t kTypeUserDefined = 4;
constexpr int32_t kTypeLast = 6;

// A token or merge for an error message: at most 64 bytes, printable.
std::string Quoted(std::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCHexEscape(text.substr(0, 64)), text.size() > 64 ? "...\"" : "\"");
}

absl::Status Duplicate(int32_t first, int32_t second, std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("tokens ", first, " and ", second, " are both ", Quoted(text), "; expected distinct tokens"));
}

absl::Status CheckSizes(const std::vector<std::string_view>& tokens, const std::vector<int32_t>& token_types,
                        const std::vector<std::string_view>& merges) {
  if (tokens.size() != token_types.size()) {
    return absl::InvalidArgumentError(absl::StrCat("token list and token type list differ in size: ", tokens.size(),
                                                   " tokens, ", token_types.size(), " types"));
  }
  const size_t limit = std::numeric_limits<int32_t>::max();
  if (tokens.size() > limit || merges.size() > limit) {
    return absl::InvalidArgumentError(absl::StrCat("vocabulary too large: ", tokens.size(), " tokens and ",
                                                   merges.size(), " merges, at most ", limit, " of each"));
  }
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].empty()) {
      return absl::InvalidArgumentError(absl::StrCat("token ", id, " is empty; expected at least one byte"));
    }
    if (token_types[id] < kTypeFirst || token_types[id] > kTypeLast) {
      return absl::InvalidArgumentError(
          absl::StrCat("token ", id, " ", Quoted(tokens[id]), " has type ", token_types[id], "; expected 1 to 6"));
    }
  }
  return absl::OkStatus();
}

absl::Status AddTokens(const std::vector<std::string_view>& tokens, const std::vector<int32_t>& token_types,
                       Vocabulary& vocabulary) {
  TokenTable& table = vocabulary.tokens;
  for (int32_t id = 0; id < static_cast<int32_t>(tokens.size()); ++id) {
    const std::string_view text = tokens[id];
    const int32_t type = token_types[id];
    const bool control = type == kTypeControl || type == kTypeUnknown;
    vocabulary.is_control[id] = control;
    char* const bytes = table.NextBytes();
    char* const end = control || type == kTypeUserDefined ? nullptr : DecodeByteAlphabet(text, bytes);
    if (end != nullptr) {
      table.Append(end - bytes);
      if (const int32_t twin = table.Index(id); twin != TokenTable::kNone) return Duplicate(twin, id, text);
      continue;
    }
    // Printable ASCII spells itself, so a user-defined token of that kind may take part in merges too.
    const bool spells_itself = type == kTypeUserDefined && std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
    std::memcpy(bytes, text.data(), text.size());
    table.Append(text.size());
    if (spells_itself) {
      if (const int32_t twin = table.Index(id); twin != TokenTable::kNone) return Duplicate(twin, id, text);
    }
    vocabulary.specials.Add({table.Bytes(id), id,
                             control                    ? SpecialTokens::Kind::kControl
                             : type == kTypeUserDefined ? SpecialTokens::Kind::kUserDefined
                                                        : SpecialTokens::Kind::kUnmatched});
  }
  BITNET_RETURN_IF_ERROR(vocabulary.specials.Sort());
  std::string spelled;
  for (const SpecialTokens::Token& special : vocabulary.specials.tokens()) {
    spelled.resize(special.text.size());
    const char* const end = DecodeByteAlphabet(special.text, spelled.data());
    if (end == nullptr) continue;
    const int32_t twin = table.Find(std::string_view(spelled.data(), end - spelled.data()));
    if (twin != TokenTable::kNone && twin != special.id)
      return Duplicate(std::min(twin, special.id), std::max(twin, special.id), special.text);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char bytes[] = {static_cast<char>(byte)};
    vocabulary.byte_tokens[byte] = table.Find(std::string_view(bytes, 1));
    if (vocabulary.byte_tokens[byte] == TokenTable::kNone) {
      return absl::InvalidArgumentError(absl::StrCat("no token for byte 0x", absl::Hex(byte, absl::kZeroPad2),
                                                     "; a byte-level vocabulary has all 256 single bytes"));
    }
  }
  return absl::OkStatus();
}

absl::Status AddMerges(const std::vector<std::string_view>& merges, Vocabulary& vocabulary) {
  const TokenTable& table = vocabulary.tokens;
  std::string scratch;
  for (uint32_t rank = 0; rank < merges.size(); ++rank) {
    const std::string_view merge = merges[rank];
    const auto error = [&](std::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("merge ", rank, " ", Quoted(merge), ": ", what));
    };
    // The byte alphabet has no space, so the first one separates. Both parts decode side by side: together they are the
    // bytes of the result.
    const size_t space = merge.find(' ');
    if (space == std::string_view::npos) return error("has no space; expected \"left right\"");
    if (scratch.size() < merge.size()) scratch.resize(merge.size());
    char* const begin = scratch.data();
    char* const middle = DecodeByteAlphabet(merge.substr(0, space), begin);
    char* const end = middle == nullptr ? nullptr : DecodeByteAlphabet(merge.substr(space + 1), middle);
    if (end == nullptr) return error("has a character outside the byte alphabet");
    const int32_t left = table.Find(std::string_view(begin, middle - begin));
    if (left == TokenTable::kNone) return error("the left part is not in the vocabulary");
    const int32_t right = table.Find(std::string_view(middle, end - middle));
    if (right == TokenTable::kNone) return error("the right part is not in the vocabulary");
    const int32_t merged = table.Find(std::string_view(begin, end - begin));
    if (merged == TokenTable::kNone) return error("the result is not in the vocabulary");
    vocabulary.merges.Insert(
        {static_cast<uint32_t>(left), static_cast<uint32_t>(right), rank, static_cast<uint32_t>(merged)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Vocabulary> BuildVocabulary(const std::vector<std::string_view>& tokens,
                                           const std::vector<int32_t>& token_types,
                                           const std::vector<std::string_view>& merges) {
  BITNET_RETURN_IF_ERROR(CheckSizes(tokens, token_types, merges));
  uint64_t bytes = 0;
  for (const std::string_view token : tokens) bytes += token.size();
  if (bytes > std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError(absl::StrCat("tokens too long: ", bytes, " bytes together, at most 2^32 - 1"));
  }
  Vocabulary vocabulary{.tokens = TokenTable(tokens.size(), bytes),
                        .is_control = std::vector<bool>(tokens.size()),
                        .merges = MergeTable(merges.size())};
  BITNET_RETURN_IF_ERROR(AddTokens(tokens, token_types, vocabulary));
  BITNET_RETURN_IF_ERROR(AddMerges(merges, vocabulary));
  return vocabulary;
}

int32_t FindBySpelling(const TokenTable& tokens, const SpecialTokens& specials, std::string_view spelling) {
  if (const SpecialTokens::Token* special = specials.FindExact(spelling); special != nullptr) return special->id;
  std::string bytes(spelling.size(), '\0');
  const char* const end = DecodeByteAlphabet(spelling, bytes.data());
  return end == nullptr ? TokenTable::kNone : tokens.Find(std::string_view(bytes.data(), end - bytes.data()));
}

}  // namespace bitnet
