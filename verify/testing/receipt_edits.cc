#include "verify/testing/receipt_edits.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/statement.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/receipt/document.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::verify {
namespace {

// Takes the next word off the front of `rest`.
std::string_view TakeWord(std::string_view& rest) {
  rest = absl::StripLeadingAsciiWhitespace(rest);
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest = absl::StripLeadingAsciiWhitespace(rest.substr(end));
  return word;
}

// Takes a JSON string off the front of `rest` and unescapes it.
absl::StatusOr<std::string> TakeString(std::string_view& rest) {
  size_t end = 1;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  if (rest.empty() || rest[0] != '"' || end >= rest.size()) return absl::InvalidArgumentError("expected a JSON string");
  BITNET_ASSIGN_OR_RETURN(const JsonValue value, ParseJsonText(rest.substr(0, end + 1)));
  rest = absl::StripLeadingAsciiWhitespace(rest.substr(end + 1));
  return value.string();
}

// "/a/b" -> the value at "/a" and "b".
absl::StatusOr<std::pair<JsonValue*, std::string_view>> FindParent(JsonValue& root, std::string_view path) {
  const size_t slash = path.rfind('/');
  JsonValue* parent = slash == std::string_view::npos ? nullptr : root.AtPath(path.substr(0, slash));
  if (parent == nullptr) return absl::NotFoundError(absl::StrCat("nothing at the parent of ", path));
  return std::pair(parent, path.substr(slash + 1));
}

absl::Status Set(JsonValue& root, std::string_view path, JsonValue value) {
  if (JsonValue* existing = root.AtPath(path)) {
    *existing = std::move(value);
    return absl::OkStatus();
  }
  BITNET_ASSIGN_OR_RETURN(const auto place, FindParent(root, path));
  if (place.first->is_object()) {
    place.first->object().push_back({std::string(place.second), std::move(value)});
    return absl::OkStatus();
  }
  if (place.first->is_array() && place.second == absl::StrCat(place.first->array().size())) {
    place.first->array().push_back(std::move(value));
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("cannot add ", path));
}

absl::Status Rename(JsonValue& root, std::string_view path, std::string_view name) {
  BITNET_ASSIGN_OR_RETURN(const auto place, FindParent(root, path));
  if (place.first->is_object()) {
    for (JsonMember& member : place.first->object()) {
      if (member.name != place.second) continue;
      member.name = std::string(name);
      return absl::OkStatus();
    }
  }
  return absl::NotFoundError(absl::StrCat("no member ", path));
}

absl::StatusOr<uint64_t> UintAt(const JsonValue& root, std::string_view path) {
  const JsonValue* value = root.AtPath(path);
  if (value == nullptr || !value->AsUint64()) return absl::NotFoundError(absl::StrCat("no integer at ", path));
  return *value->AsUint64();
}

absl::Status Add(JsonValue& root, std::string_view path, std::string_view amount) {
  JsonValue* value = root.AtPath(path);
  int64_t delta = 0;
  if (value == nullptr || !value->AsInt64() || !absl::SimpleAtoi(amount, &delta)) {
    return absl::NotFoundError(absl::StrCat("no integer at ", path, " to add ", amount, " to"));
  }
  *value = JsonValue::Int(*value->AsInt64() + delta);
  return absl::OkStatus();
}

absl::Status Fill(JsonValue& root, std::string_view path, std::string_view rest) {
  uint32_t count = 0;
  if (!absl::SimpleAtoi(TakeWord(rest), &count)) return absl::InvalidArgumentError("fill needs a count");
  JsonValue::Array items;
  for (uint32_t i = 0; i < count; ++i) {
    BITNET_ASSIGN_OR_RETURN(JsonValue item, ParseJsonText(absl::StrReplaceAll(rest, {{"#", absl::StrCat(i)}})));
    items.push_back(std::move(item));
  }
  return Set(root, path, JsonValue::MakeArray(std::move(items)));
}

absl::Status ReplaceText(std::string& text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  if (from.empty() || at == std::string::npos)
    return absl::NotFoundError(absl::StrCat("no \"", from, "\" in the text"));
  text.replace(at, from.size(), to);
  return absl::OkStatus();
}

// Edits of a bundle as a tree.
bool IsEnvelopeEdit(std::string_view op) { return op == "payload" || op == "resign"; }

absl::Status ApplyEnvelopeEdit(JsonValue& bundle, std::string_view op, std::string_view word, std::string_view rest) {
  JsonValue* payload_member = bundle.AtPath("/dsseEnvelope/payload");
  const JsonValue* type = bundle.AtPath("/dsseEnvelope/payloadType");
  JsonValue* signature = bundle.AtPath("/dsseEnvelope/signatures/0/sig");
  if (payload_member == nullptr || type == nullptr || signature == nullptr) {
    return absl::NotFoundError("this is no envelope");
  }
  BITNET_ASSIGN_OR_RETURN(std::string payload, attest::DecodeBase64(payload_member->string()));
  if (op == "payload") {
    BITNET_ASSIGN_OR_RETURN(payload, ApplyEdits(payload, {absl::StrCat(word, " ", rest)}));
    *payload_member = JsonValue::String(attest::EncodeBase64(payload));
    return absl::OkStatus();
  }
  const std::string message = rest == "raw" ? payload : attest::PreAuthEncoding(type->string(), payload);
  *signature = JsonValue::String(attest::EncodeBase64(attest::TestingKey(word).Sign(message)));
  return absl::OkStatus();
}

absl::Status Copy(JsonValue& root, std::string_view from, std::string_view to) {
  const JsonValue* value = root.AtPath(from);
  if (value == nullptr) return absl::NotFoundError(absl::StrCat("nothing at ", from));
  return Set(root, to, *value);
}

// What a forger computes again after a change of times: everything that follows from load, prefill, decode, overhead,
// processor time and the number of tokens.
absl::Status Settle(JsonValue& root) {
  constexpr std::string_view kTiming = "/evidence/timing/";
  uint64_t wall = 0;
  for (const char* part : {"load_ns", "prefill_ns", "decode_ns", "overhead_ns"}) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t ns, UintAt(root, absl::StrCat(kTiming, part)));
    wall += ns;
  }
  BITNET_ASSIGN_OR_RETURN(const uint64_t prefill, UintAt(root, "/evidence/timing/prefill_ns"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t decode, UintAt(root, "/evidence/timing/decode_ns"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t cpu, UintAt(root, "/evidence/timing/cpu_ns"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t generated, UintAt(root, "/evidence/tokens/generated"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t ticks, UintAt(root, "/evidence/timing/clock/end/tsc"));
  const auto set = [&](std::string_view path, uint64_t value) { return Set(root, path, JsonValue::Uint(value)); };
  BITNET_RETURN_IF_ERROR(set("/evidence/timing/wall_ns", wall));
  BITNET_RETURN_IF_ERROR(set("/evidence/timing/ttft_ns", prefill));
  for (const char* clock : {"monotonic_raw_ns", "boottime_ns", "realtime_ns"}) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t start, UintAt(root, absl::StrCat("/evidence/timing/clock/start/", clock)));
    BITNET_RETURN_IF_ERROR(set(absl::StrCat("/evidence/timing/clock/end/", clock), start + wall));
  }
  BITNET_RETURN_IF_ERROR(set("/evidence/timing/clock/end/process_cpu_ns", cpu));
  if (ticks > 0) BITNET_RETURN_IF_ERROR(set("/evidence/timing/clock/end/tsc", wall / 10 * 26));
  if (generated < 2) return absl::OkStatus();
  BITNET_RETURN_IF_ERROR(set("/evidence/perf/decode_tps_num", generated - 1));
  BITNET_RETURN_IF_ERROR(set("/evidence/perf/decode_tps_den_ns", decode));
  return Set(root, "/tokens_per_second",
             JsonValue::Double(static_cast<double>(generated - 1) * 1e9 / static_cast<double>(decode)));
}

// The roots of a commitment, in place of those that the trace has.
absl::Status Commit(JsonValue& root, const Commitment* commitment) {
  if (commitment == nullptr) return absl::InvalidArgumentError("there is no commitment to take roots of (with files)");
  const CommitmentRoots roots = RootsOf(*commitment);
  BITNET_RETURN_IF_ERROR(Set(root, "/evidence/trace/size", JsonValue::Uint(roots.size)));
  BITNET_RETURN_IF_ERROR(Set(root, "/evidence/trace/observed_size", JsonValue::Uint(roots.observed_size)));
  BITNET_RETURN_IF_ERROR(Set(root, "/evidence/trace/numerics_root", JsonValue::String(ToHex(roots.numerics_root))));
  return Set(root, "/evidence/trace/observed_root", JsonValue::String(ToHex(roots.observed_root)));
}

// The session of the trace, over the receipt as it is now.
absl::Status Bind(JsonValue& root) {
  receipt::Receipt receipt;
  JsonIssues issues;
  DecodeReceipt(root, receipt, issues);
  return Set(root, "/evidence/trace/session", JsonValue::String(ToHex(SessionDigest(receipt))));
}

absl::Status ApplyTreeEdit(JsonValue& root, std::string_view op, std::string_view rest, const Commitment* commitment) {
  const std::string_view path = TakeWord(rest);
  if (op == "set") {
    BITNET_ASSIGN_OR_RETURN(JsonValue value, ParseJsonText(rest));
    return Set(root, path, std::move(value));
  }
  if (op == "add") return Add(root, path, rest);
  if (op == "remove") return RemoveAt(root, path);
  if (op == "rename") return Rename(root, path, rest);
  if (op == "fill") return Fill(root, path, rest);
  if (op == "copy") return Copy(root, path, rest);
  if (op == "bind") return Bind(root);
  if (op == "settle") return Settle(root);
  if (op == "commit") return Commit(root, commitment);
  if (IsEnvelopeEdit(op)) return ApplyEnvelopeEdit(root, op, path, rest);
  return absl::InvalidArgumentError(absl::StrCat("unknown edit \"", op, "\""));
}

absl::Status ApplyTextEdit(std::string& text, std::string_view op, std::string_view rest) {
  if (op == "prefix" || op == "suffix") {
    BITNET_ASSIGN_OR_RETURN(const std::string addition, TakeString(rest));
    text = op == "prefix" ? addition + text : text + addition;
    return absl::OkStatus();
  }
  BITNET_ASSIGN_OR_RETURN(const std::string from, TakeString(rest));
  if (op == "bytes") {
    std::string bytes;
    if (!absl::HexStringToBytes(rest, &bytes)) return absl::InvalidArgumentError("expected hexadecimal digits");
    return ReplaceText(text, from, bytes);
  }
  BITNET_ASSIGN_OR_RETURN(const std::string to, TakeString(rest));
  return ReplaceText(text, from, to);
}

// The envelope of a receipt, in place of the receipt.
absl::StatusOr<std::string> Signed(std::string_view receipt, std::string_view key) {
  BITNET_ASSIGN_OR_RETURN(attest::Subjects subjects, attest::SubjectsOf(receipt));
  const std::string payload = attest::WriteStatement({std::move(subjects), std::string(receipt)});
  return attest::WriteBundle(attest::SignPayload(payload, attest::TestingKey(key)));
}

bool IsTextEdit(std::string_view op) { return op == "replace" || op == "bytes" || op == "prefix" || op == "suffix"; }

}  // namespace

absl::StatusOr<std::vector<FixtureRecipe>> ParseRecipes(std::string_view text) {
  std::vector<FixtureRecipe> recipes;
  int number = 0;
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::string_view content = absl::StripAsciiWhitespace(line);
    if (content.empty() || content[0] == '#') continue;
    if (line[0] != ' ') {
      recipes.push_back({std::string(content), "pass_honest", {}, {}});
    } else if (recipes.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": an edit before the first fixture"));
    } else if (content.starts_with("from ")) {
      recipes.back().base = std::string(content.substr(5));
    } else if (content.starts_with("with ")) {
      recipes.back().context.push_back(std::string(content.substr(5)));
    } else {
      recipes.back().edits.push_back(std::string(content));
    }
  }
  for (const FixtureRecipe& recipe : recipes) {
    if (recipe.edits.empty() && recipe.context.empty() && !recipe.base.starts_with("text ") &&
        !recipe.base.starts_with("run ")) {
      return absl::InvalidArgumentError(absl::StrCat(recipe.name, " has no edit"));
    }
  }
  return recipes;
}

std::string ExpectedRule(std::string_view fixture_name) {
  const std::vector<std::string_view> parts = absl::StrSplit(fixture_name, absl::MaxSplits('_', 2));
  return parts.size() == 3 && parts[0] == "fail" ? std::string(parts[1]) : "";
}

absl::Status RemoveAt(JsonValue& root, std::string_view path) {
  BITNET_ASSIGN_OR_RETURN(const auto place, FindParent(root, path));
  const JsonValue* target = root.AtPath(path);
  if (target == nullptr) return absl::NotFoundError(absl::StrCat("nothing at ", path));
  if (place.first->is_array()) {
    auto& items = place.first->array();
    items.erase(items.begin() + (target - items.data()));
  } else {
    std::erase_if(place.first->object(), [&](const JsonMember& member) { return &member.value == target; });
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ApplyEdits(std::string_view base_text, const std::vector<std::string>& edits,
                                       const Commitment* commitment) {
  BITNET_ASSIGN_OR_RETURN(JsonValue root, ParseJsonText(base_text));
  std::string text = std::string(base_text);
  bool in_text = false;  // text edits come after tree edits
  for (const std::string& edit : edits) {
    std::string_view rest = edit;
    const std::string_view op = TakeWord(rest);
    absl::Status status;
    if (op == "sign") {
      BITNET_ASSIGN_OR_RETURN(text, Signed(text, rest));
      BITNET_ASSIGN_OR_RETURN(root, ParseJsonText(text));
      in_text = false;
    } else if (IsTextEdit(op)) {
      in_text = true;
      status = ApplyTextEdit(text, op, rest);
    } else if (in_text) {
      status = absl::InvalidArgumentError("an edit of the tree after an edit of the text");
    } else {
      status = ApplyTreeEdit(root, op, rest, commitment);
      text = WritePrettyJson(root);
    }
    if (!status.ok()) return absl::Status(status.code(), absl::StrCat("edit `", edit, "`: ", status.message()));
  }
  return text;
}

}  // namespace bitnet::verify
