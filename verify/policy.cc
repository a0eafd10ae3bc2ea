#include "verify/policy.h"

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "verify/compare/slo_limits.h"

namespace bitnet::verify {
namespace {

bool IsHex(std::string_view text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// One member of a policy file, with the error that says what it should have been.
class PolicyMember {
 public:
  explicit PolicyMember(const JsonMember& member) : member_(member) {}

  absl::StatusOr<bool> Bool() const {
    if (!member_.value.is_bool()) return Wrong("true or false");
    return member_.value.bool_value();
  }

  absl::StatusOr<uint64_t> Integer(uint64_t least, uint64_t most) const {
    const std::optional<uint64_t> value = member_.value.AsUint64();
    if (!value || *value < least || *value > most) return Wrong(absl::StrCat("an integer from ", least, " to ", most));
    return *value;
  }

  absl::StatusOr<std::string> String() const {
    if (!member_.value.is_string()) return Wrong("a string");
    return member_.value.string();
  }

  absl::StatusOr<std::vector<std::string>> Strings() const {
    std::vector<std::string> strings;
    if (!member_.value.is_array() || member_.value.array().empty()) return Wrong("an array of strings, not empty");
    for (const JsonValue& item : member_.value.array()) {
      if (!item.is_string()) return Wrong("an array of strings, not empty");
      strings.push_back(item.string());
    }
    return strings;
  }

  // Each 64 lower-case hexadecimal digits, or also 40 when it is a commit.
  absl::StatusOr<std::vector<std::string>> Digests(bool commits) const {
    BITNET_ASSIGN_OR_RETURN(std::vector<std::string> digests, Strings());
    for (const std::string& digest : digests) {
      const bool right = IsHex(digest, 64) || (commits && IsHex(digest, 40));
      if (!right) return Wrong("an array of digests in lower-case hexadecimal digits");
    }
    return digests;
  }

  absl::StatusOr<std::vector<attest::PublicKey>> Keys() const {
    BITNET_ASSIGN_OR_RETURN(const std::vector<std::string> texts, Strings());
    std::vector<attest::PublicKey> keys;
    for (const std::string& text : texts) {
      absl::StatusOr<attest::PublicKey> key = attest::PublicKey::FromText(text);
      if (!key.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("policy member \"keys\", item ", keys.size(), ": ", key.status().message()));
      }
      keys.push_back(*std::move(key));
    }
    return keys;
  }

  absl::StatusOr<LedgerHead> Head() const {
    const JsonValue* size = member_.value.Find("size");
    const JsonValue* root = member_.value.Find("root");
    const bool right = size != nullptr && size->AsUint64() && *size->AsUint64() <= kMaxInteger && root != nullptr &&
                       root->is_string() && IsHex(root->string(), 64) && member_.value.object().size() == 2;
    if (!right) return Wrong("{\"size\": integer, \"root\": 64 hexadecimal digits}");
    return LedgerHead{*size->AsUint64(), root->string()};
  }

  absl::Status Wrong(std::string_view expected) const {
    return absl::InvalidArgumentError(absl::StrCat("policy member \"", absl::CHexEscape(member_.name), "\" must be ",
                                                   expected, "; got another ", JsonKindName(member_.value.kind())));
  }

 private:
  const JsonMember& member_;
};

// The members of level L3. False when `json` is none of them.
absl::StatusOr<bool> ApplyEnvelopeMember(const JsonMember& json, Policy& policy) {
  const PolicyMember member(json);
  if (json.name == "keys") {
    BITNET_ASSIGN_OR_RETURN(policy.keys, member.Keys());
  } else if (json.name == "require_challenge") {
    BITNET_ASSIGN_OR_RETURN(policy.require_challenge, member.Bool());
  } else if (json.name == "require_ledger") {
    BITNET_ASSIGN_OR_RETURN(policy.require_ledger, member.Bool());
  } else if (json.name == "ledger_head") {
    BITNET_ASSIGN_OR_RETURN(policy.ledger_head, member.Head());
  } else if (json.name == "max_age_s") {
    BITNET_ASSIGN_OR_RETURN(const uint64_t seconds, member.Integer(1, uint64_t{100} * 366 * 24 * 3600));
    policy.max_age = absl::Seconds(seconds);
  } else if (json.name == "allowed_models") {
    BITNET_ASSIGN_OR_RETURN(policy.allowed_models, member.Digests(false));
  } else if (json.name == "allowed_builds") {
    BITNET_ASSIGN_OR_RETURN(policy.allowed_builds, member.Digests(false));
  } else if (json.name == "allowed_commits") {
    BITNET_ASSIGN_OR_RETURN(policy.allowed_commits, member.Digests(true));
  } else {
    return false;
  }
  return true;
}

absl::Status ApplyMember(const JsonMember& json, Policy& policy) {
  const PolicyMember member(json);
  if (json.name == "min_level") {
    BITNET_ASSIGN_OR_RETURN(const std::string name, member.String());
    BITNET_ASSIGN_OR_RETURN(policy.min_level, ParseLevel(name));
  } else if (json.name == "strict") {
    BITNET_ASSIGN_OR_RETURN(policy.strict, member.Bool());
  } else if (json.name == "allowed_backends") {
    BITNET_ASSIGN_OR_RETURN(policy.allowed_backends, member.Strings());
  } else if (json.name == "min_tokens") {
    BITNET_ASSIGN_OR_RETURN(policy.min_tokens, member.Integer(1, kMaxInteger));
  } else if (json.name == "peak_read_bw_mbps") {
    BITNET_ASSIGN_OR_RETURN(policy.peak_read_bw_mbps, member.Integer(1, kMaxInteger));
  } else if (json.name == "max_llc_bytes") {
    BITNET_ASSIGN_OR_RETURN(policy.max_llc_bytes, member.Integer(0, kMaxInteger));
  } else if (json.name == "peak_macs_per_core_ns") {
    BITNET_ASSIGN_OR_RETURN(policy.peak_macs_per_core_ns, member.Integer(1, kMaxInteger));
  } else if (json.name == "max_clock_skew_s") {
    BITNET_ASSIGN_OR_RETURN(const uint64_t seconds, member.Integer(0, 24 * 3600));
    policy.max_clock_skew = absl::Seconds(seconds);
  } else if (json.name == "max_unexplained_percent") {
    BITNET_ASSIGN_OR_RETURN(policy.max_unexplained_percent, member.Integer(0, 100));
  } else if (json.name == "compare") {
    BITNET_ASSIGN_OR_RETURN(policy.compare, ParseComparePolicy(json.value));
  } else if (json.name == "slo") {
    // Judged by a gate on runs of its own; here they only have to be right.
    BITNET_RETURN_IF_ERROR(ParseSloLimits(json.value).status());
  } else if (json.name == "not_before") {
    BITNET_ASSIGN_OR_RETURN(const std::string text, member.String());
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, text, &policy.not_before, &error)) {
      return member.Wrong(absl::StrCat("an RFC 3339 time (", error, ")"));
    }
  } else {
    BITNET_ASSIGN_OR_RETURN(const bool known, ApplyEnvelopeMember(json, policy));
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown policy member \"", absl::CHexEscape(json.name),
                       "\"; known: min_level, strict, allowed_backends, min_tokens, peak_read_bw_mbps, max_llc_bytes, "
                       "peak_macs_per_core_ns, max_clock_skew_s, max_unexplained_percent, not_before, keys, "
                       "require_challenge, require_ledger, "
                       "ledger_head, max_age_s, allowed_models, allowed_builds, allowed_commits, "
                       "compare, slo"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view LevelName(Level level) {
  static constexpr std::string_view kNames[] = {"L0", "L1", "L2", "L3", "L4"};
  return kNames[static_cast<int>(level)];
}

absl::StatusOr<Level> ParseLevel(std::string_view name) {
  for (const Level level : kLevels) {
    if (name == LevelName(level)) return level;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown level \"", absl::CHexEscape(name), "\"; known: L0, L1, L2, L3, L4"));
}

absl::StatusOr<Policy> ParsePolicy(std::string_view text) {
  const ParsedJson parsed = ParseReceiptJson(text);
  if (!parsed.issues.empty()) {
    const JsonIssue& issue = parsed.issues.front();
    return absl::InvalidArgumentError(
        absl::StrCat("policy", issue.path.empty() ? "" : " at ", issue.path, ": ", issue.message));
  }
  Policy policy;
  for (const JsonMember& member : parsed.value->object()) BITNET_RETURN_IF_ERROR(ApplyMember(member, policy));
  return policy;
}

absl::Status RaiseLevel(std::string_view name, Policy& policy) {
  BITNET_ASSIGN_OR_RETURN(const Level level, ParseLevel(name));
  if (level < policy.min_level) {
    return absl::FailedPreconditionError(
        absl::StrCat("level ", LevelName(level), " is below ", LevelName(policy.min_level),
                     ", which the policy requires; ask for that or more, or for another policy"));
  }
  policy.min_level = level;
  return absl::OkStatus();
}

}  // namespace bitnet::verify
