#include "verify/testing/honest_commitment.h"

#include <span>
#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet::verify {
namespace {

std::vector<uint32_t> MadeUpIds(uint64_t count, uint64_t first, uint64_t vocab) {
  std::vector<uint32_t> ids;
  for (uint64_t i = 0; i < count; ++i) ids.push_back(static_cast<uint32_t>((first + i * 7919) % vocab));
  return ids;
}

NumericsLeaf MadeUpLeaf(uint64_t position, uint64_t layers, std::vector<Digest>& layer_digests) {
  NumericsLeaf leaf{.position = static_cast<uint32_t>(position)};
  for (uint64_t layer = 0; layer < layers; ++layer) {
    layer_digests.push_back(Sha256Of(absl::StrCat("position ", position, " layer ", layer)));
  }
  leaf.layers_root = LayersRoot(std::span(layer_digests).last(layers));
  leaf.hidden = Sha256Of(absl::StrCat("position ", position, " hidden"));
  return leaf;
}

// The calls of one pass, and of the choices before it: those are counted where the next pass ends.
std::vector<ObservedLeaf::Calls> CallsOf(const HonestRun& run, const ScheduleEntry& pass, uint64_t position,
                                         uint64_t chosen_before) {
  const IsaSet isa = IsaClosure(run.isa).Intersect(IsaClosure(run.detected)).Intersect(IsasWithKernels());
  const WorkTable work = ExpectedWork(run.arch, std::span(&pass, 1), position, chosen_before, run.greedy, isa);
  std::vector<ObservedLeaf::Calls> calls;
  for (int i = 0; i < kKernelCount; ++i) {
    if (work[i].calls > 0) calls.push_back({static_cast<uint16_t>(i), static_cast<uint32_t>(work[i].calls)});
  }
  return calls;
}

}  // namespace

std::vector<uint32_t> HonestPromptIds(const HonestRun& run) { return MadeUpIds(run.prompt, 17, run.arch.vocab); }
std::vector<uint32_t> HonestOutputIds(const HonestRun& run) { return MadeUpIds(run.generated, 31, run.arch.vocab); }

std::string IdsDigestOf(const std::vector<uint32_t>& ids) {
  return ToHex(Sha256Of(std::span(reinterpret_cast<const uint8_t*>(ids.data()), ids.size() * sizeof(uint32_t))));
}

Commitment HonestCommitment(const HonestRun& run, const receipt::Receipt& receipt) {
  Commitment commitment;
  commitment.session = SessionDigest(receipt);
  commitment.layers = static_cast<uint32_t>(run.arch.layers);
  const std::vector<uint32_t> prompt = HonestPromptIds(run);
  const std::vector<uint32_t> output = HonestOutputIds(run);
  for (uint64_t position = run.kv_reused; position + 1 < run.prompt + run.generated; ++position) {
    NumericsLeaf leaf = MadeUpLeaf(position, run.arch.layers, commitment.layer_digests);
    leaf.token_in = position < run.prompt ? prompt[position] : output[position - run.prompt];
    if (position + 1 >= run.prompt) {
      leaf.chosen = true;
      leaf.argmax = leaf.token_out = output[position + 1 - run.prompt];
      leaf.top1_bits = 0x41200000;  // 10
      leaf.top2_bits = 0x41100000;  // 9
    }
    commitment.numerics.push_back(leaf);
  }

  uint64_t position = run.kv_reused;
  uint64_t now = 0;
  uint64_t chosen = 0;
  uint64_t decode_passes = 0;
  for (const receipt::Evidence::ScheduleEntry& entry : receipt.evidence().schedule()) {
    if (entry.kind() == "decode") decode_passes += entry.steps();
  }
  for (const receipt::Evidence::ScheduleEntry& entry : receipt.evidence().schedule()) {
    const bool prefill = entry.kind() == "prefill";
    const receipt::Evidence::Timing& timing = receipt.evidence().timing();
    // Nine tenths of the phase, shared by its passes.
    const uint64_t phase_ns = prefill ? timing.prefill_ns() : timing.decode_ns();
    const uint64_t passes = prefill ? (run.prompt - run.kv_reused + run.chunk - 1) / run.chunk : decode_passes;
    const ScheduleEntry pass{prefill ? StepKind::kPrefill : StepKind::kDecode, 1, entry.rows(), entry.logit_rows(),
                             entry.rejected_rows()};
    for (uint64_t step = 0; step < entry.steps(); ++step) {
      const uint64_t end = now + phase_ns / 10 * 9 / passes;
      commitment.observed.push_back({.kind = pass.kind,
                                     .first_position = static_cast<uint32_t>(position),
                                     .rows = static_cast<uint32_t>(entry.rows()),
                                     .logit_rows = static_cast<uint32_t>(entry.logit_rows()),
                                     .begin_ns = now,
                                     .end_ns = end,
                                     .calls = CallsOf(run, pass, position, chosen)});
      position += pass.kept_rows();
      chosen = prefill ? (position == run.prompt ? 1 : 0) : pass.kept_rows();
      now = end + 100;
    }
  }
  return commitment;
}

Artifacts HonestArtifacts(const receipt::Receipt& receipt) {
  const receipt::Evidence& evidence = receipt.evidence();
  Artifacts artifacts;
  artifacts.model = {.file_sha256 = evidence.model().file_sha256(),
                     .file_bytes = evidence.model().file_bytes(),
                     .tensor_root = evidence.model().tensor_root(),
                     .ternary_digest = evidence.model().ternary_digest(),
                     .tokenizer_sha256 = evidence.tokens().tokenizer_sha256(),
                     .n_tensors = evidence.model().n_tensors()};
  artifacts.replay = {.isa = "scalar",
                      .file_sha256 = evidence.model().file_sha256(),
                      .prompt_ids_digest = evidence.tokens().prompt_ids_digest(),
                      .output_ids_digest = evidence.tokens().output_ids_digest(),
                      .size = evidence.trace().size(),
                      .numerics_root = evidence.trace().numerics_root(),
                      .first_difference = "",
                      .error = "",
                      .wrong_choice = ""};
  artifacts.independent = {.file_sha256 = evidence.model().file_sha256(),
                           .positions = evidence.trace().size(),
                           .products = evidence.trace().size() * 7 * evidence.model().arch().layers(),
                           .error_bits = 46,
                           .choices = evidence.tokens().generated(),
                           .choices_compared = evidence.tokens().generated(),
                           .first_difference = "",
                           .error = ""};
  return artifacts;
}

}  // namespace bitnet::verify
