// L1-REPACK (RS-132): kernels read I2_S. Weights stored otherwise were repacked when the model was loaded, all of them,
// and the receipt says so; I2_S itself is read where it lies.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

constexpr uint64_t kTernaryTensorsPerLayer = 7;

}  // namespace

CheckResult CheckRepack(const AuditInput& input) {
  RuleFacts facts(input);
  const std::string_view type = facts.Text("/model_info/quantization_type");
  const uint64_t load_ns = facts.Uint("/evidence/timing/load_ns");
  const size_t size = facts.Size("/evidence/repacks");
  const RunFacts run = ReadRun(facts);
  if (!facts.ok()) return facts.Result("");

  facts.ExpectEqual("the number of /evidence/repacks", size, type == "i2_s" ? 0 : 1,
                    absl::StrCat("for weights stored as ", type));
  if (!facts.ok() || size == 0) return facts.Result("I2_S weights are used where they lie");

  const std::string path = "/evidence/repacks/0";
  facts.ExpectEqual(path + "/name", facts.Text(path + "/name"), absl::StrCat(type, "_to_i2s"));
  facts.ExpectEqual(path + "/tensors", facts.Uint(path + "/tensors"), kTernaryTensorsPerLayer * run.arch.layers,
                    "7 a layer");
  facts.ExpectEqual(path + "/bytes", facts.Uint(path + "/bytes"), TernaryWeights(run.arch) / 4,
                    "a quarter byte a ternary weight");
  const uint64_t ns = facts.Uint(path + "/ns");
  facts.ExpectPositive(path + "/ns", ns);
  facts.ExpectAtMost(path + "/ns", ns, load_ns, "as /evidence/timing/load_ns");
  return facts.Result(absl::StrCat("all ternary tensors were repacked from ", type));
}

}  // namespace bitnet::verify
