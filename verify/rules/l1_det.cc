// L1-DET (RS-136): "deterministic" follows from how tokens were chosen: by argmax, or by a counter-based generator
// whose seed is on record. Parameters have the ranges in which they mean something.

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr uint64_t kMaxTopK = std::numeric_limits<int32_t>::max();

// The float that a member "f32:<8 hexadecimal digits>" stands for, within [least, most]; NaN when it is none.
float FloatWithin(std::string_view member, float least, float most, RuleFacts& facts) {
  const std::string path = absl::StrCat("/evidence/sampling/", member);
  const std::string_view text = facts.Text(path);
  uint32_t bits = 0;
  const bool readable = text.size() == 12 && text.substr(0, 4) == "f32:" && IsLowerHex(text.substr(4), 8) &&
                        absl::SimpleHexAtoi(text.substr(4), &bits);
  const float value = readable ? std::bit_cast<float>(bits) : std::numeric_limits<float>::quiet_NaN();
  facts.Expect(value >= least && value <= most && std::isfinite(value), [&] {
    return absl::StrCat(path, " is \"", text, "\", or ", value, "; expected the bits of a number from ", least, " to ",
                        most);
  });
  return value;
}

}  // namespace

CheckResult CheckDet(const AuditInput& input) {
  RuleFacts facts(input);
  const std::string_view mode = facts.Text("/evidence/sampling/mode");
  const bool greedy = mode == "greedy";
  facts.Expect(greedy || mode == "sample", [&] {
    return absl::StrCat("/evidence/sampling/mode is \"", mode, "\"; expected \"greedy\" or \"sample\"");
  });
  facts.ExpectEqual("/evidence/sampling/prng", facts.Text("/evidence/sampling/prng"),
                    greedy ? "none" : "philox4x32-10");
  facts.ExpectEqual("/evidence/sampling/tie", facts.Text("/evidence/sampling/tie"), "lowest_id");
  const uint64_t seed = facts.Uint("/evidence/sampling/seed");
  const float temperature = FloatWithin("temperature_bits", 0, kInf, facts);
  facts.Expect(!greedy || temperature == 0, [&] {
    return absl::StrCat("/evidence/sampling/temperature_bits is ", temperature, "; expected 0, for mode is \"greedy\"");
  });
  FloatWithin("top_p_bits", std::numeric_limits<float>::denorm_min(), 1, facts);
  FloatWithin("min_p_bits", 0, 1, facts);
  FloatWithin("repetition_penalty_bits", std::numeric_limits<float>::denorm_min(), kInf, facts);
  facts.ExpectAtMost("/evidence/sampling/top_k", facts.Uint("/evidence/sampling/top_k"), kMaxTopK, "2^31-1");
  facts.Expect(facts.Bool("/deterministic"), [&] {
    return absl::StrCat("/deterministic is false; expected true for mode \"", mode, "\" with everything on record");
  });
  return facts.Result(greedy ? std::string("greedy, lowest id wins ties")
                             : absl::StrCat("sampled by philox4x32-10 from seed ", seed));
}

}  // namespace bitnet::verify
