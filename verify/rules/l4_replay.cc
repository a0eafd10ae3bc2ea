// L4-REPLAY (RS-400): the run was computed again, and every position came out as the receipt commits to.

#include <string>

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckReplay(const AuditInput& input) {
  if (!input.artifacts.replay) {
    return Missing("nothing was recomputed: ask for it (--replay, with --model and --commitment)");
  }
  const ReplayArtifact& replay = *input.artifacts.replay;
  if (!replay.error.empty()) return Missing(absl::StrCat("it could not be recomputed: ", replay.error));
  RuleFacts facts(input);
  const auto expect = [&](std::string_view path, std::string_view got) { facts.ExpectEqual(path, facts.Text(path), got); };
  expect("/evidence/model/file_sha256", replay.file_sha256);
  expect("/evidence/tokens/prompt_ids_digest", replay.prompt_ids_digest);
  expect("/evidence/tokens/output_ids_digest", replay.output_ids_digest);
  facts.ExpectEqual("/evidence/trace/size", facts.Uint("/evidence/trace/size"), replay.size, "positions replayed");
  facts.Expect(replay.numerics_root == facts.Text("/evidence/trace/numerics_root"), [&] {
    return replay.first_difference.empty()
               ? absl::StrCat("/evidence/trace/numerics_root is another than the replay's, ", replay.numerics_root)
               : absl::StrCat("the replay differs first at ", replay.first_difference);
  });
  facts.Expect(replay.wrong_choice.empty(), [&] { return replay.wrong_choice; });
  return facts.Result(absl::StrCat(replay.size, " positions replayed with ", replay.isa,
                                   ", every layer and every choice the same"));
}

}  // namespace bitnet::verify
