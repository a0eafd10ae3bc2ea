// L1-TRACE (RS-141): the commitment to what the layers computed is closed, of the size that the run implies, and bound to
// what this receipt says of model, prompt and sampling.

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/session_digest.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {

CheckResult CheckTrace(const AuditInput& input) {
  RuleFacts facts(input);
  if (!facts.Has("/evidence/trace")) return NotApplicable("the receipt commits to no trace");
  bool critical = false;
  for (const std::string_view member : facts.Texts("/evidence/crit")) critical |= member == "trace";
  facts.Expect(critical, [] {
    return std::string("/evidence/crit does not list \"trace\": who leaves the trace out must not go unseen");
  });
  facts.ExpectEqual("/evidence/trace/alg", facts.Text("/evidence/trace/alg"), "rfc6962-sha256");
  facts.ExpectEqual("/evidence/trace/density", facts.Text("/evidence/trace/density"), "t1");
  facts.Expect(facts.Bool("/evidence/trace/closed"),
               [] { return std::string("/evidence/trace/closed is false; expected true: the run ended, and is all in"); });
  const std::string_view numerics = facts.ExpectDigest("/evidence/trace/numerics_root");
  const std::string_view observed = facts.ExpectDigest("/evidence/trace/observed_root");
  facts.Expect(numerics != observed, [] {
    return std::string("/evidence/trace/observed_root equals numerics_root; expected roots of two different trees");
  });

  const uint64_t size = facts.Uint("/evidence/trace/size");
  const uint64_t observed_size = facts.Uint("/evidence/trace/observed_size");
  const uint64_t prompt = facts.Uint("/evidence/tokens/prompt");
  const uint64_t reused = facts.Uint("/evidence/tokens/kv_reused");
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  uint64_t passes = 0;
  for (const ScheduleEntry& entry : ReadSchedule(facts)) passes = SaturatingSum(passes, entry.steps);
  const std::string_view session = facts.ExpectDigest("/evidence/trace/session");
  if (!facts.ok()) return facts.Result("");

  // The last token chosen is never fed. Sums, so that no difference can wrap.
  facts.Expect(size + reused + 1 == prompt + generated, [&] {
    return absl::StrCat("/evidence/trace/size is ", size, "; expected ", prompt, " - ", reused, " + ", generated,
                        " - 1 positions that were fed");
  });
  facts.ExpectEqual("/evidence/trace/observed_size", observed_size, passes, "forward passes of the schedule");
  facts.ExpectEqual("/evidence/trace/session", session, ToHex(SessionDigest(input.receipt())));
  return facts.Result(absl::StrCat(size, " positions in ", passes, " passes, bound to this receipt's run"));
}

}  // namespace bitnet::verify
