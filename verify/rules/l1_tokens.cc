// L1-TOKENS (RS-113): the token counts agree with each other and with the forward passes.
//
// The prompt's last position yields the logits of the first generated token, and the last generated token is never fed
// back: P prompt and G generated tokens are P - kv_reused prefill rows and G - 1 decode rows that were kept. A token
// chosen has a row of the whole model to choose it by, drafted or not.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/run_facts.h"

namespace bitnet::verify {
namespace {

// Either logits for the last prompt position only, or (--dump-logits) for all of them.
bool PrefillLogitsFit(const std::vector<ScheduleEntry>& prefill) {
  bool all = true;
  bool last_only = true;
  for (size_t i = 0; i < prefill.size(); ++i) {
    all = all && prefill[i].logit_rows == prefill[i].rows;
    const bool last = i + 1 == prefill.size();
    last_only = last_only && (last ? prefill[i].steps == 1 && prefill[i].logit_rows == 1 : prefill[i].logit_rows == 0);
  }
  return !prefill.empty() && (all || last_only);
}

}  // namespace

CheckResult CheckTokens(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t prompt = facts.Uint("/evidence/tokens/prompt");
  const uint64_t kv_reused = facts.Uint("/evidence/tokens/kv_reused");
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  const uint64_t tokens_requested = facts.Uint("/tokens_requested");
  const uint64_t tokens_generated = facts.Uint("/tokens_generated");
  const std::string_view finish = facts.Text("/evidence/outcome/finish_reason");
  const std::vector<ScheduleEntry> schedule = ReadSchedule(facts);
  facts.ExpectDigest("/evidence/tokens/tokenizer_sha256");
  const std::string_view prompt_ids = facts.ExpectDigest("/evidence/tokens/prompt_ids_digest");
  const std::string_view output_ids = facts.ExpectDigest("/evidence/tokens/output_ids_digest");
  facts.Expect(prompt == generated || prompt_ids != output_ids, [&] {
    return absl::StrCat("/evidence/tokens/output_ids_digest equals prompt_ids_digest; expected another one, for ",
                        generated, " ids are not ", prompt, " ids");
  });
  facts.ExpectPositive("/evidence/tokens/prompt", prompt);
  facts.ExpectPositive("/evidence/tokens/generated", generated);
  if (!facts.ok()) return facts.Result("");

  facts.ExpectEqual("/tokens_generated", tokens_generated, generated, "as in /evidence/tokens/generated");
  facts.ExpectAtMost("/tokens_generated", tokens_generated, tokens_requested, "as /tokens_requested");
  facts.ExpectAtMost("/evidence/tokens/kv_reused", kv_reused, prompt - 1, "for the last prompt token must be computed");
  if (finish == "length") {
    facts.ExpectEqual("/tokens_requested", tokens_requested, generated, "for the run ended by \"length\"");
  }
  if (!facts.ok()) return facts.Result("");

  std::vector<ScheduleEntry> prefill;
  uint64_t prefill_rows = 0;
  uint64_t decode_rows = 0;
  for (const ScheduleEntry& entry : schedule) {
    if (entry.kind == StepKind::kPrefill) {
      prefill.push_back(entry);
      prefill_rows += std::min(SaturatingProduct(entry.steps, entry.rows), uint64_t{1} << 53);
    } else {
      decode_rows += std::min(SaturatingProduct(entry.steps, entry.kept_rows()), uint64_t{1} << 53);
    }
  }
  facts.ExpectEqual("prefill rows of /evidence/schedule", prefill_rows, prompt - kv_reused, "prompt - kv_reused");
  facts.ExpectEqual("decode rows kept of /evidence/schedule", decode_rows, generated - 1, "generated - 1");
  facts.Expect(PrefillLogitsFit(prefill), [] {
    return std::string(
        "/evidence/schedule: logit_rows of the prefill steps; expected 0 but for 1 in the last step, or "
        "every row");
  });
  return facts.Result(absl::StrCat(prompt, " prompt tokens are ", prefill_rows, " prefill rows (", kv_reused,
                                   " reused), ", generated, " generated are ", decode_rows, " decode rows"));
}

}  // namespace bitnet::verify
