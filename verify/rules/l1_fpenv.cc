// L1-FPENV (RS-135): the arithmetic is the profile that results are compared under, in the floating-point environment
// that it is defined in. Flushed denormals, another rounding or another order of sums are other results.

#include "bitnet/base/cpu_features.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckFpEnv(const AuditInput& input) {
  RuleFacts facts(input);
  const auto expect = [&](std::string_view path, std::string_view expected) {
    facts.ExpectEqual(path, facts.Text(path), expected);
  };
  expect("/evidence/arithmetic/profile", "bitnet-t2i8-int32-ca1");
  expect("/evidence/arithmetic/accumulators", "int32-exact");
  expect("/evidence/arithmetic/float_order", "ca1-lanes32");
  facts.Expect(facts.Bool("/evidence/arithmetic/order_independent"), [] {
    return std::string("/evidence/arithmetic/order_independent is false; expected true, as the profile defines it");
  });
  facts.ExpectDigest("/evidence/arithmetic/rope_table_digest");
  facts.ExpectEqual("/evidence/host/mxcsr", facts.Uint("/evidence/host/mxcsr"), kDefaultFloatControl,
                    "round to nearest, no flushing (0x1f80)");
  return facts.Result("profile bitnet-t2i8-int32-ca1 in the default floating-point environment");
}

}  // namespace bitnet::verify
