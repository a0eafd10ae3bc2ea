// L1-ISA (RS-133): kernels need instruction sets, dispatch was allowed some, the CPU has some: each set within the
// next. Together with L1-COUNT this says which kernel had to run; the claim of another is an impossible one.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// Each set with all that it implies, written once each in the order of Isa.
void ExpectClosed(std::string_view path, IsaSet set, RuleFacts& facts) {
  for (const std::string_view name : set.Names()) {
    const IsaSet closure = IsaClosure(*ParseIsa(name));
    facts.Expect(set.ContainsAll(closure), [&] {
      return absl::StrCat(path, " has ", name,
                          "; expected also what it implies: ", absl::StrJoin(closure.Names(), ", "));
    });
  }
  const std::vector<std::string_view> written = facts.Texts(path);
  facts.Expect(written == set.Names(), [&] {
    return absl::StrCat(path, " is [", absl::StrJoin(written, ","), "]; expected [", absl::StrJoin(set.Names(), ","),
                        "], each once and in order");
  });
}

// What --isa allows of what the CPU has and kernels are written for; "auto" and "cpu" allow all of that.
IsaSet Allowed(std::string_view requested, IsaSet cpu_features, RuleFacts& facts) {
  const IsaSet detected = cpu_features.Intersect(IsasWithKernels());
  if (requested == "auto" || requested == "cpu") return detected;
  const absl::StatusOr<Isa> isa = ParseIsa(requested);
  facts.Expect(isa.ok(), [&] { return absl::StrCat("/backend_summary requested: ", isa.status().message()); });
  return isa.ok() ? IsaClosure(*isa).Intersect(detected) : detected;
}

}  // namespace

CheckResult CheckIsa(const AuditInput& input) {
  RuleFacts facts(input);
  const IsaSet detected = ReadIsaSet(facts, "/evidence/host/cpu_features");
  const IsaSet used = ReadIsaSet(facts, "/evidence/host/isa_used");
  const std::vector<KernelClaim> claims = ReadKernelClaims(facts);
  const std::string_view summary = facts.Text("/backend_summary");
  if (!facts.ok()) return facts.Result("");

  ExpectClosed("/evidence/host/cpu_features", detected, facts);
  ExpectClosed("/evidence/host/isa_used", used, facts);
  facts.Expect(detected.ContainsAll(used), [&] {
    return absl::StrCat("/evidence/host/isa_used is [", absl::StrJoin(used.Names(), ","), "]; expected only what ",
                        "cpu_features has: [", absl::StrJoin(detected.Names(), ","), "]");
  });
  for (const KernelClaim& claim : claims) {
    facts.Expect(used.Has(claim.info->isa), [&] {
      return absl::StrCat(claim.path, "/id is \"", claim.info->id, "\", which needs ", IsaName(claim.info->isa),
                          "; expected a kernel for [", absl::StrJoin(used.Names(), ","), "]");
    });
  }

  std::string_view requested = summary.substr(0, summary.find(' '));
  absl::ConsumePrefix(&requested, "requested=");
  facts.ExpectEqual("/backend_summary", summary,
                    absl::StrCat("requested=", requested, " detected=[", absl::StrJoin(detected.Names(), ","),
                                 "] selected=", used.Names().back()));
  const IsaSet allowed = Allowed(requested, detected, facts);
  facts.Expect(used == allowed, [&] {
    return absl::StrCat("/evidence/host/isa_used is [", absl::StrJoin(used.Names(), ","), "]; expected [",
                        absl::StrJoin(allowed.Names(), ","), "] for \"requested=", requested, "\"");
  });
  return facts.Result(absl::StrCat(claims.size(), " kernels need only ", used.Names().back(), " and below"));
}

}  // namespace bitnet::verify
