// L1-REPACK (RS-132): kernels read I2_S, rows of q and k in half-split order, and an int8 copy of the head. Weights
// stored otherwise were repacked when the model was loaded, all of them, and the receipt says so; others are read where
// they lie.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/model_limits.h"
#include "bitnet/tensor/ternary_formats.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

constexpr uint64_t kTernaryTensorsPerLayer = 7;
constexpr uint64_t kRotatedTensorsPerLayer = 2;  // q and k

struct ExpectedRepack {
  std::string name;
  uint64_t tensors;
  std::string which;  // of the tensors
  uint64_t bytes;
};

std::vector<ExpectedRepack> ExpectedRepacks(std::string_view type, std::string_view rope_form, const ArchShape& arch) {
  std::vector<ExpectedRepack> expected;
  if (type != kNativeTernaryFormat) {
    expected.push_back({absl::StrCat(type, "_to_i2s"), SaturatingProduct(kTernaryTensorsPerLayer, arch.layers),
                        "7 a layer", TernaryWeights(arch) / 4});
  }
  if (rope_form == RopeFormName(RopeForm::kInterleaved)) {
    const uint64_t rows = SaturatingProduct(arch.head_dim, SaturatingSum(arch.heads, arch.kv_heads));
    expected.push_back({kRopeRowsRepack, SaturatingProduct(kRotatedTensorsPerLayer, arch.layers), "2 a layer",
                        SaturatingProduct(SaturatingProduct(arch.layers, arch.hidden), rows) / 4});
  }
  if (arch.hidden <= model_limits::kMaxScreenedHidden) {
    expected.push_back({kHeadScreenRepack, 1, "the head", SaturatingProduct(arch.vocab, arch.hidden)});
  }
  return expected;
}

}  // namespace

CheckResult CheckRepack(const AuditInput& input) {
  RuleFacts facts(input);
  const std::string_view type = facts.Text("/model_info/quantization_type");
  const uint64_t load_ns = facts.Uint("/evidence/timing/load_ns");
  const std::string_view rope_form = facts.Text("/evidence/model/arch/rope_form");
  const size_t size = facts.Size("/evidence/repacks");
  const RunFacts run = ReadRun(facts);
  if (!facts.ok()) return facts.Result("");

  const std::vector<ExpectedRepack> expected = ExpectedRepacks(type, rope_form, run.arch);
  facts.ExpectEqual("the number of /evidence/repacks", size, expected.size(),
                    absl::StrCat("for weights stored as ", type, " with ", rope_form, " rope"));
  if (!facts.ok()) return facts.Result("");

  for (size_t i = 0; i < expected.size(); ++i) {
    const std::string path = absl::StrCat("/evidence/repacks/", i);
    facts.ExpectEqual(path + "/name", facts.Text(path + "/name"), expected[i].name);
    facts.ExpectEqual(path + "/tensors", facts.Uint(path + "/tensors"), expected[i].tensors, expected[i].which);
    facts.ExpectEqual(path + "/bytes", facts.Uint(path + "/bytes"), expected[i].bytes,
                      "a quarter byte a ternary weight, one a weight of the head");
    const uint64_t ns = facts.Uint(path + "/ns");
    facts.ExpectPositive(path + "/ns", ns);
    facts.ExpectAtMost(path + "/ns", ns, load_ns, "as /evidence/timing/load_ns");
  }
  return facts.Result(absl::StrCat(size, " repacks of whole sets of tensors, for weights stored as ", type, " with ",
                                   rope_form, " rope and a head that is screened"));
}

}  // namespace bitnet::verify
