#include "verify/compare/machine.h"

#include <utility>

#include "bitnet/base/sha256.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet::verify {

JsonValue MachineFacts(const receipt::Receipt& receipt) {
  JsonValue::Object facts;
  const auto from_environment = [&](const char* variable, const char* name) {
    const auto found = receipt.environment().find(variable);
    if (found != receipt.environment().end()) facts.push_back({name, JsonValue::String(found->second)});
  };
  from_environment("OS", "os");
  from_environment("CPU_BRAND", "cpu");
  const receipt::Evidence::Host& host = receipt.evidence().host();
  JsonValue::Array features;
  for (const std::string& feature : host.cpu_features()) features.push_back(JsonValue::String(feature));
  facts.push_back({"cpu_features", JsonValue::MakeArray(std::move(features))});
  if (host.has_cores()) facts.push_back({"cores", JsonValue::Uint(host.cores())});
  if (host.has_smt()) facts.push_back({"smt", JsonValue::Bool(host.smt())});
  if (host.has_llc_bytes()) facts.push_back({"llc_bytes", JsonValue::Uint(host.llc_bytes())});
  if (host.has_clocksource()) facts.push_back({"clocksource", JsonValue::String(host.clocksource())});
  return JsonValue::MakeObject(std::move(facts));
}

std::string MachineFingerprint(const receipt::Receipt& receipt) {
  return ToHex(Sha256Of(CanonicalJson(MachineFacts(receipt))));
}

}  // namespace bitnet::verify
