#include "bitnet/convert/projection_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace bitnet {

bool IsProjectionName(std::string_view name) {
  constexpr std::string_view kParts[] = {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"};
  if (!absl::ConsumePrefix(&name, "blk.") || !absl::ConsumeSuffix(&name, ".weight")) return false;
  size_t digits = 0;
  while (digits < name.size() && absl::ascii_isdigit(static_cast<unsigned char>(name[digits]))) ++digits;
  if (digits == 0) return false;
  name.remove_prefix(digits);
  if (!absl::ConsumePrefix(&name, ".")) return false;
  for (const std::string_view part : kParts) {
    if (name == part) return true;
  }
  return false;
}

}  // namespace bitnet
