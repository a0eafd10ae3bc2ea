// L2-IDS (RS-203): the tokens in the commitment file are those that the receipt has digests of, and each was chosen
// where the one before it was fed.

#include <bit>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/commitment_file.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// SHA-256 of little-endian 32-bit ids.
std::string IdsDigest(const std::vector<uint32_t>& ids) {
  return ToHex(Sha256Of(std::span(reinterpret_cast<const uint8_t*>(ids.data()), ids.size() * sizeof(uint32_t))));
}

// The largest logit and the next, as numbers.
void ExpectChoice(const NumericsLeaf& leaf, uint64_t vocab, bool plain_argmax, RuleFacts& facts) {
  const float top1 = std::bit_cast<float>(leaf.top1_bits);
  const float top2 = std::bit_cast<float>(leaf.top2_bits);
  facts.Expect(std::isfinite(top1) && std::isfinite(top2) && top1 >= top2 && leaf.argmax < vocab, [&] {
    return absl::StrCat("commitment, position ", leaf.position, ": the largest logit is ", top1, " of token ",
                        leaf.argmax, ", the next ", top2, "; expected finite, in this order, inside the vocabulary");
  });
  facts.Expect(!plain_argmax || leaf.token_out == leaf.argmax, [&] {
    return absl::StrCat("commitment, position ", leaf.position, ": token ", leaf.token_out,
                        " was chosen; expected the most likely one, ", leaf.argmax, ", as sampling is greedy");
  });
}

}  // namespace

CheckResult CheckIds(const AuditInput& input) {
  if (!input.artifacts.commitment) return NotApplicable("no commitment file was given");
  const std::vector<NumericsLeaf>& leaves = input.artifacts.commitment->numerics;
  RuleFacts facts(input);
  const uint64_t prompt = facts.Uint("/evidence/tokens/prompt");
  const uint64_t reused = facts.Uint("/evidence/tokens/kv_reused");
  const uint64_t generated = facts.Uint("/evidence/tokens/generated");
  const uint64_t vocab = facts.Uint("/evidence/model/arch/vocab_size");
  const std::string_view prompt_digest = facts.Text("/evidence/tokens/prompt_ids_digest");
  const std::string_view output_digest = facts.Text("/evidence/tokens/output_ids_digest");
  // Greedy means that nothing was penalised either (SamplingParams::IsArgmax).
  const bool greedy = facts.Text("/evidence/sampling/mode") == "greedy";
  const bool plain_argmax = greedy && !facts.Bool("/evidence/sampling/eog_masked");
  if (!facts.ok()) return facts.Result("");

  std::vector<uint32_t> fed;
  std::vector<uint32_t> chosen;
  for (const NumericsLeaf& leaf : leaves) {
    const bool of_prompt = leaf.position < prompt;
    if (of_prompt) fed.push_back(leaf.token_in);
    facts.Expect(leaf.token_in < vocab && leaf.token_out < vocab && leaf.chosen == (leaf.position + 1 >= prompt), [&] {
      return absl::StrCat("commitment, position ", leaf.position, ": token ", leaf.token_in, " in, ",
                          leaf.chosen ? absl::StrCat(leaf.token_out, " out") : std::string("none out"),
                          "; expected ids of a vocabulary of ", vocab, ", and a choice from position ", prompt - 1,
                          " on");
    });
    facts.Expect(of_prompt || (!chosen.empty() && leaf.token_in == chosen.back()), [&] {
      return absl::StrCat("commitment, position ", leaf.position, ": token ", leaf.token_in,
                          " was fed; expected the one chosen before");
    });
    if (!leaf.chosen) continue;
    ExpectChoice(leaf, vocab, plain_argmax, facts);
    chosen.push_back(leaf.token_out);
  }
  facts.ExpectEqual("/evidence/tokens/generated", generated, chosen.size(), "the choices in the commitment file");
  facts.ExpectEqual("/evidence/tokens/output_ids_digest", output_digest, IdsDigest(chosen));
  // Tokens whose keys and values were reused are not in the file.
  if (reused == 0) facts.ExpectEqual("/evidence/tokens/prompt_ids_digest", prompt_digest, IdsDigest(fed));
  return facts.Result(absl::StrCat(fed.size(), " prompt and ", chosen.size(), " output tokens",
                                   plain_argmax ? ", each the most likely" : ""));
}

}  // namespace bitnet::verify
