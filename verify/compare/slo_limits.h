// SloLimits: what a machine's runs must keep. The member "slo" of a policy
// file; read by the gate that judges runs, not by the audit of a receipt.

#ifndef VERIFY_COMPARE_SLO_LIMITS_H_
#define VERIFY_COMPARE_SLO_LIMITS_H_

#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::verify {

// A limit that is not set is not judged.
struct SloLimits {
  std::optional<double> min_decode_tps;   // tokens a second
  std::optional<double> min_prefill_tps;  // tokens a second
  std::optional<double> max_ttft_ms;      // prompt in to first token out, of a model that is loaded
  std::optional<double> max_load_ms;
  std::optional<double> max_peak_rss_mib;
};

struct SloField {
  std::string_view name;  // "min_decode_tps"
  std::optional<double> SloLimits::*limit;
  bool is_minimum;
};

// Every member of SloLimits.
std::span<const SloField> SloFields();

bool HasLimits(const SloLimits& limits);

// An object of the names above with numbers above 0. An unknown or mistyped
// member is an error.
absl::StatusOr<SloLimits> ParseSloLimits(const JsonValue& value);

// The member "slo" of a policy file; no limits if it has none.
absl::StatusOr<SloLimits> ReadSloLimits(std::string_view policy_text);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_SLO_LIMITS_H_
