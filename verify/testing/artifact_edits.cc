#include "verify/testing/artifact_edits.h"

#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::verify {
namespace {

using Member = std::variant<std::string*, uint64_t*>;

std::map<std::string, Member> MembersOf(ModelArtifact& model) {
  return {{"file_sha256", &model.file_sha256},           {"file_bytes", &model.file_bytes},
          {"tensor_root", &model.tensor_root},           {"ternary_digest", &model.ternary_digest},
          {"tokenizer_sha256", &model.tokenizer_sha256}, {"n_tensors", &model.n_tensors}};
}

std::map<std::string, Member> MembersOf(ReplayArtifact& replay) {
  return {{"file_sha256", &replay.file_sha256},
          {"prompt_ids_digest", &replay.prompt_ids_digest},
          {"output_ids_digest", &replay.output_ids_digest},
          {"size", &replay.size},
          {"numerics_root", &replay.numerics_root},
          {"first_difference", &replay.first_difference},
          {"error", &replay.error},
          {"wrong_choice", &replay.wrong_choice}};
}

std::map<std::string, Member> MembersOf(IndependentArtifact& independent) {
  return {{"file_sha256", &independent.file_sha256},
          {"positions", &independent.positions},
          {"products", &independent.products},
          {"choices", &independent.choices},
          {"choices_compared", &independent.choices_compared},
          {"first_difference", &independent.first_difference},
          {"error", &independent.error}};
}

absl::Status SetMembers(const std::map<std::string, Member>& members, std::string_view json) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue changes, ParseJsonText(json));
  if (!changes.is_object()) return absl::InvalidArgumentError("expected a JSON object");
  for (const JsonMember& change : changes.object()) {
    const auto found = members.find(change.name);
    if (found == members.end()) return absl::NotFoundError(absl::StrCat("no member \"", change.name, "\""));
    if (std::string* const* text = std::get_if<std::string*>(&found->second); text && change.value.is_string()) {
      **text = change.value.string();
    } else if (uint64_t* const* number = std::get_if<uint64_t*>(&found->second); number && change.value.AsUint64()) {
      **number = *change.value.AsUint64();
    } else {
      return absl::InvalidArgumentError(absl::StrCat("member \"", change.name, "\" is of another type"));
    }
  }
  return absl::OkStatus();
}

// The words of one edit: numbers by index, checked when they are asked for.
class Words {
 public:
  explicit Words(std::string_view text) : words_(absl::StrSplit(text, ' ', absl::SkipEmpty())) {}

  std::string_view op() const { return words_.empty() ? "" : words_[0]; }
  std::string_view Text(size_t i) const { return i < words_.size() ? words_[i] : std::string_view(); }
  absl::StatusOr<int64_t> Number(size_t i) const {
    int64_t value = 0;
    if (!absl::SimpleAtoi(Text(i), &value)) {
      return absl::InvalidArgumentError(absl::StrCat("word ", i, " of the edit is no number"));
    }
    return value;
  }
  // A number below `limit`.
  absl::StatusOr<size_t> Index(size_t i, size_t limit) const {
    BITNET_ASSIGN_OR_RETURN(const int64_t value, Number(i));
    if (value < 0 || static_cast<size_t>(value) >= limit) {
      return absl::OutOfRangeError(absl::StrCat("word ", i, " is ", value, "; expected less than ", limit));
    }
    return static_cast<size_t>(value);
  }

 private:
  std::vector<std::string_view> words_;
};

absl::Status EditLeaf(const Words& words, NumericsLeaf& leaf) {
  const std::string_view member = words.Text(2);
  if (member == "hidden") {
    leaf.hidden[0] ^= 1;
    return absl::OkStatus();
  }
  BITNET_ASSIGN_OR_RETURN(const int64_t value, words.Number(3));
  if (member == "chosen") {
    leaf.chosen = value != 0;
    return absl::OkStatus();
  }
  const std::map<std::string_view, uint32_t*> kMembers = {{"token_in", &leaf.token_in},
                                                          {"token_out", &leaf.token_out},
                                                          {"argmax", &leaf.argmax},
                                                          {"top1_bits", &leaf.top1_bits},
                                                          {"top2_bits", &leaf.top2_bits}};
  const auto found = kMembers.find(member);
  if (found == kMembers.end()) return absl::NotFoundError(absl::StrCat("a leaf has no \"", member, "\""));
  *found->second = static_cast<uint32_t>(value);
  return absl::OkStatus();
}

absl::Status EditPass(const Words& words, ObservedLeaf& pass) {
  const std::string_view member = words.Text(2);
  BITNET_ASSIGN_OR_RETURN(const int64_t value, words.Number(3));
  if (member == "rows") {
    pass.rows = static_cast<uint32_t>(value);
  } else if (member == "first_position") {
    pass.first_position = static_cast<uint32_t>(value);
  } else if (member == "logit_rows") {
    pass.logit_rows = static_cast<uint32_t>(value);
  } else if (member == "begin_ns") {
    pass.begin_ns = static_cast<uint64_t>(value);
  } else if (member == "end_ns") {
    pass.end_ns = static_cast<uint64_t>(value);
  } else {
    return absl::NotFoundError(absl::StrCat("a pass has no \"", member, "\""));
  }
  return absl::OkStatus();
}

std::span<Digest> LayersOf(Commitment& commitment, size_t index) {
  return std::span(commitment.layer_digests).subspan(index * commitment.layers, commitment.layers);
}

// Everything that was computed at two positions changes places; the positions stay.
void Swap(size_t i, size_t j, Commitment& commitment) {
  std::swap(commitment.numerics[i], commitment.numerics[j]);
  std::swap(commitment.numerics[i].position, commitment.numerics[j].position);
  for (size_t layer = 0; layer < commitment.layers; ++layer) {
    std::swap(LayersOf(commitment, i)[layer], LayersOf(commitment, j)[layer]);
  }
}

void Drop(size_t index, Commitment& commitment) {
  const auto begin = commitment.layer_digests.begin() + static_cast<ptrdiff_t>(index * commitment.layers);
  commitment.layer_digests.erase(begin, begin + commitment.layers);
  commitment.numerics.erase(commitment.numerics.begin() + static_cast<ptrdiff_t>(index));
  for (size_t i = index; i < commitment.numerics.size(); ++i) --commitment.numerics[i].position;
}

absl::Status EditPosition(const Words& words, Commitment& commitment) {
  BITNET_ASSIGN_OR_RETURN(const size_t index, words.Index(1, commitment.numerics.size()));
  if (words.op() == "leaf") return EditLeaf(words, commitment.numerics[index]);
  if (words.op() == "drop") {
    Drop(index, commitment);
  } else if (words.op() == "swap") {
    BITNET_ASSIGN_OR_RETURN(const size_t other, words.Index(2, commitment.numerics.size()));
    Swap(index, other, commitment);
  } else {
    BITNET_ASSIGN_OR_RETURN(const size_t layer, words.Index(2, commitment.layers));
    LayersOf(commitment, index)[layer][0] ^= 1;
    commitment.numerics[index].layers_root = LayersRoot(LayersOf(commitment, index));
  }
  return absl::OkStatus();
}

absl::Status EditPasses(const Words& words, Commitment& commitment) {
  BITNET_ASSIGN_OR_RETURN(const size_t index, words.Index(1, commitment.observed.size()));
  ObservedLeaf& pass = commitment.observed[index];
  if (words.op() == "pass") return EditPass(words, pass);
  BITNET_ASSIGN_OR_RETURN(const size_t kernel, words.Index(2, pass.calls.size()));
  BITNET_ASSIGN_OR_RETURN(const int64_t delta, words.Number(3));
  pass.calls[kernel].calls = static_cast<uint32_t>(pass.calls[kernel].calls + delta);
  return absl::OkStatus();
}

}  // namespace

absl::Status SetArtifactMembers(std::string_view which, std::string_view json, Artifacts& artifacts) {
  if (which == "model" && artifacts.model) return SetMembers(MembersOf(*artifacts.model), json);
  if (which == "replay" && artifacts.replay) return SetMembers(MembersOf(*artifacts.replay), json);
  if (which == "independent" && artifacts.independent) return SetMembers(MembersOf(*artifacts.independent), json);
  return absl::NotFoundError(absl::StrCat("no artifact \"", which, "\" is given"));
}

absl::Status EditCommitment(std::string_view text, Commitment& commitment) {
  const Words words(text);
  const std::string_view op = words.op();
  if (op == "leaf" || op == "layer" || op == "swap" || op == "drop") return EditPosition(words, commitment);
  if (op == "pass" || op == "calls") return EditPasses(words, commitment);
  if (op == "session") {
    commitment.session[0] ^= 1;
    return absl::OkStatus();
  }
  if (op == "cut") {
    BITNET_ASSIGN_OR_RETURN(const size_t count, words.Index(1, commitment.numerics.size()));
    commitment.numerics.resize(commitment.numerics.size() - count);
    commitment.layer_digests.resize(commitment.numerics.size() * commitment.layers);
    return absl::OkStatus();
  }
  if (op == "passes") {
    BITNET_ASSIGN_OR_RETURN(const size_t count, words.Index(1, commitment.observed.size()));
    commitment.observed.resize(commitment.observed.size() - count);
    return absl::OkStatus();
  }
  if (op == "layers") {
    BITNET_ASSIGN_OR_RETURN(const int64_t layers, words.Number(1));
    commitment.layers = static_cast<uint32_t>(layers);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("a commitment is not changed by \"", text, "\""));
}

}  // namespace bitnet::verify
