#include "verify/compare/compare_policy.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/compare/rank_counts.h"

namespace bitnet::verify {
namespace {

constexpr size_t kMaxLooks = 8;

absl::Status Wrong(const JsonMember& member, std::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("policy member \"compare.", absl::CHexEscape(member.name),
                                                 "\" must be ", expected, "; got another ",
                                                 JsonKindName(member.value.kind())));
}

// A number, with or without a fraction, in (0, most].
absl::StatusOr<double> Share(const JsonMember& member, double most) {
  double value = 0;
  if (member.value.is_double()) value = member.value.double_value();
  if (const std::optional<int64_t> integer = member.value.AsInt64()) value = static_cast<double>(*integer);
  if (!(value > 0 && value <= most)) return Wrong(member, absl::StrCat("a number above 0 and at most ", most));
  return value;
}

absl::StatusOr<uint64_t> Integer(const JsonMember& member, uint64_t least, uint64_t most) {
  const std::optional<uint64_t> value = member.value.AsUint64();
  if (!value || *value < least || *value > most) {
    return Wrong(member, absl::StrCat("an integer from ", least, " to ", most));
  }
  return *value;
}

absl::StatusOr<std::vector<size_t>> Looks(const JsonMember& member) {
  const std::string expected = absl::StrCat("1 to ", kMaxLooks, " ascending integers from 2 to ", kMaxRankedRuns);
  if (!member.value.is_array()) return Wrong(member, expected);
  std::vector<size_t> looks;
  for (const JsonValue& item : member.value.array()) {
    const std::optional<uint64_t> look = item.AsUint64();
    if (!look || *look < 2 || *look > kMaxRankedRuns || (!looks.empty() && *look <= looks.back())) {
      return Wrong(member, expected);
    }
    looks.push_back(*look);
  }
  if (looks.empty() || looks.size() > kMaxLooks) return Wrong(member, expected);
  return looks;
}

absl::StatusOr<std::set<VaryingFact>> Facts(const JsonMember& member) {
  if (!member.value.is_array()) return Wrong(member, "an array of names");
  std::set<VaryingFact> facts;
  for (const JsonValue& item : member.value.array()) {
    if (!item.is_string()) return Wrong(member, "an array of names");
    BITNET_ASSIGN_OR_RETURN(const VaryingFact fact, ParseVaryingFact(item.string()));
    facts.insert(fact);
  }
  return facts;
}

absl::StatusOr<std::string> Root(const JsonMember& member) {
  if (member.value.is_string() && attest::IsLowerHex(member.value.string(), 64)) return member.value.string();
  return Wrong(member, "64 lower-case hexadecimal digits");
}

absl::Status ApplyMember(const JsonMember& member, ComparePolicy& policy) {
  if (member.name == "margin") {
    BITNET_ASSIGN_OR_RETURN(policy.margin, Share(member, 0.5));
  } else if (member.name == "alpha") {
    BITNET_ASSIGN_OR_RETURN(policy.alpha, Share(member, 0.2));
  } else if (member.name == "looks") {
    BITNET_ASSIGN_OR_RETURN(policy.looks, Looks(member));
  } else if (member.name == "rss_margin") {
    BITNET_ASSIGN_OR_RETURN(policy.rss_margin, Share(member, 0.5));
  } else if (member.name == "anchor_margin") {
    BITNET_ASSIGN_OR_RETURN(policy.anchor_margin, Share(member, 0.5));
  } else if (member.name == "min_tokens") {
    BITNET_ASSIGN_OR_RETURN(policy.min_tokens, Integer(member, 2, kMaxInteger));
  } else if (member.name == "min_decode_ns") {
    BITNET_ASSIGN_OR_RETURN(policy.min_decode_ns, Integer(member, 1, kMaxInteger));
  } else if (member.name == "max_resolution_share") {
    BITNET_ASSIGN_OR_RETURN(policy.max_resolution_share, Share(member, 0.1));
  } else if (member.name == "max_baseline_days") {
    BITNET_ASSIGN_OR_RETURN(policy.max_baseline_days, Integer(member, 1, 365));
  } else if (member.name == "baseline_root") {
    BITNET_ASSIGN_OR_RETURN(policy.baseline_root, Root(member));
  } else if (member.name == "anchor_root") {
    BITNET_ASSIGN_OR_RETURN(policy.anchor_root, Root(member));
  } else if (member.name == "warn_if_inconclusive") {
    if (!member.value.is_bool()) return Wrong(member, "true or false");
    policy.warn_if_inconclusive = member.value.bool_value();
  } else if (member.name == "may_differ") {
    BITNET_ASSIGN_OR_RETURN(policy.may_differ, Facts(member));
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown policy member \"compare.", absl::CHexEscape(member.name),
        "\"; known: margin, alpha, looks, rss_margin, anchor_margin, min_tokens, min_decode_ns, max_resolution_share, "
        "max_baseline_days, baseline_root, anchor_root, warn_if_inconclusive, may_differ"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view VaryingFactName(VaryingFact fact) {
  static constexpr std::string_view kNames[] = {"threads", "schedule", "density"};
  return kNames[static_cast<int>(fact)];
}

absl::StatusOr<VaryingFact> ParseVaryingFact(std::string_view name) {
  for (const VaryingFact fact : {VaryingFact::kThreads, VaryingFact::kSchedule, VaryingFact::kDensity}) {
    if (name == VaryingFactName(fact)) return fact;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::CHexEscape(name), "\" is no fact that may differ; known: threads, schedule, density"));
}

absl::StatusOr<ComparePolicy> ParseComparePolicy(const JsonValue& value) {
  if (!value.is_object()) return absl::InvalidArgumentError("policy member \"compare\" must be an object");
  ComparePolicy policy;
  for (const JsonMember& member : value.object()) BITNET_RETURN_IF_ERROR(ApplyMember(member, policy));
  return policy;
}

}  // namespace bitnet::verify
