#include "verify/compare/slo_limits.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/receipt/json_reader.h"

namespace bitnet::verify {
namespace {

constexpr SloField kFields[] = {
    {"min_decode_tps", &SloLimits::min_decode_tps, true},      {"min_prefill_tps", &SloLimits::min_prefill_tps, true},
    {"max_ttft_ms", &SloLimits::max_ttft_ms, false},           {"max_load_ms", &SloLimits::max_load_ms, false},
    {"max_peak_rss_mib", &SloLimits::max_peak_rss_mib, false},
};

}  // namespace

std::span<const SloField> SloFields() { return kFields; }

bool HasLimits(const SloLimits& limits) {
  return std::ranges::any_of(kFields, [&](const SloField& field) { return (limits.*field.limit).has_value(); });
}

absl::StatusOr<SloLimits> ParseSloLimits(const JsonValue& value) {
  if (!value.is_object()) return absl::InvalidArgumentError("policy member \"slo\" must be an object");
  SloLimits limits;
  for (const JsonMember& member : value.object()) {
    const auto field = std::ranges::find(kFields, member.name, &SloField::name);
    if (field == std::end(kFields)) {
      return absl::InvalidArgumentError(absl::StrCat("unknown policy member \"slo.", absl::CHexEscape(member.name),
                                                     "\"; known: min_decode_tps, min_prefill_tps, max_ttft_ms, "
                                                     "max_load_ms, max_peak_rss_mib"));
    }
    double limit = 0;
    if (member.value.is_double()) limit = member.value.double_value();
    if (const std::optional<int64_t> integer = member.value.AsInt64()) limit = static_cast<double>(*integer);
    if (!(limit > 0)) {
      return absl::InvalidArgumentError(
          absl::StrCat("policy member \"slo.", member.name, "\" must be a number above 0"));
    }
    limits.*field->limit = limit;
  }
  return limits;
}

absl::StatusOr<SloLimits> ReadSloLimits(std::string_view policy_text) {
  const ParsedJson parsed = ParseReceiptJson(policy_text);
  if (!parsed.issues.empty())
    return absl::InvalidArgumentError(absl::StrCat("policy: ", parsed.issues.front().message));
  const JsonValue *slo = parsed.value->Find("slo");
  return slo == nullptr ? SloLimits() : ParseSloLimits(*slo);
}

}  // namespace bitnet::verify
