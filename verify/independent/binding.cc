#include "verify/independent/binding.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "bitnet/commitment/session_digest.h"

namespace bitnet::verify::independent {
namespace {

// Keeps the first difference.
class Comparison {
 public:
  void Expect(std::string_view member, const std::string& said, const std::string& found) {
    if (first_ || said == found) return;
    first_ = {.position = -1,
              .layer = -1,
              .field = std::string(member),
              .detail = absl::StrCat(said.empty() ? "nothing" : said, " in the receipt, ", found, " found")};
  }
  void Expect(std::string_view member, uint64_t said, uint64_t found) {
    Expect(member, absl::StrCat(said), absl::StrCat(found));
  }
  const std::optional<Difference>& first() const { return first_; }

 private:
  std::optional<Difference> first_;
};

}  // namespace

std::optional<Difference> CompareWithReceipt(const receipt::Receipt& receipt, const Commitment& commitment,
                                             const Digest& model_file) {
  const receipt::Evidence& evidence = receipt.evidence();
  Comparison compare;
  compare.Expect("/evidence/model/file_sha256", evidence.model().file_sha256(), ToHex(model_file));
  compare.Expect("/evidence/trace/session", evidence.trace().session(), ToHex(SessionDigest(receipt)));
  compare.Expect("/evidence/trace/session", evidence.trace().session(), ToHex(commitment.session));
  const CommitmentRoots roots = RootsOf(commitment);
  compare.Expect("/evidence/trace/size", evidence.trace().size(), roots.size);
  compare.Expect("/evidence/trace/numerics_root", evidence.trace().numerics_root(), ToHex(roots.numerics_root));
  compare.Expect("/evidence/trace/observed_size", evidence.trace().observed_size(), roots.observed_size);
  compare.Expect("/evidence/trace/observed_root", evidence.trace().observed_root(), ToHex(roots.observed_root));

  // The prompt is what was fed up to the first choice; the output is what was chosen.
  Sha256 prompt_ids;
  Sha256 output_ids;
  uint64_t prompt = 0;
  uint64_t generated = 0;
  for (const NumericsLeaf& leaf : commitment.numerics) {
    if (generated == 0) {
      prompt_ids.UpdateU32(leaf.token_in);
      ++prompt;
    }
    if (leaf.chosen) {
      output_ids.UpdateU32(leaf.token_out);
      ++generated;
    }
  }
  compare.Expect("/evidence/tokens/kv_reused", evidence.tokens().kv_reused(), uint64_t{0});
  compare.Expect("/evidence/tokens/prompt", evidence.tokens().prompt(), prompt);
  compare.Expect("/evidence/tokens/generated", evidence.tokens().generated(), generated);
  compare.Expect("/evidence/tokens/prompt_ids_digest", evidence.tokens().prompt_ids_digest(),
                 ToHex(prompt_ids.Finish()));
  compare.Expect("/evidence/tokens/output_ids_digest", evidence.tokens().output_ids_digest(),
                 ToHex(output_ids.Finish()));
  return compare.first();
}

}  // namespace bitnet::verify::independent
