#include "verify/replay/model_under_audit.h"

#include <algorithm>
#include <bit>
#include <climits>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/commitment/difference.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/engine/model_digest.h"
#include "bitnet/engine/replay.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/replay/engine_products.h"

namespace bitnet::verify {
namespace {

std::string IdsDigest(const std::vector<TokenId>& ids) {
  return ToHex(Sha256Of(std::span(reinterpret_cast<const uint8_t*>(ids.data()), ids.size() * sizeof(TokenId))));
}

// "f32:3f800000" -> 1.
absl::StatusOr<float> FloatOf(std::string_view what, std::string_view bits) {
  uint32_t value = 0;
  if (bits.size() != 12 || bits.substr(0, 4) != "f32:" || !absl::SimpleHexAtoi(bits.substr(4), &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("/evidence/sampling/", what, " is \"", bits, "\"; expected f32: and 8 hexadecimal digits"));
  }
  return std::bit_cast<float>(value);
}

absl::StatusOr<SamplingParams> SamplingOf(const receipt::Evidence::Sampling& sampling) {
  constexpr uint64_t kMaxCount = 1 << 30;
  SamplingParams params;
  if (sampling.top_k() > kMaxCount || sampling.repetition_window() > kMaxCount) {
    return absl::InvalidArgumentError("/evidence/sampling: top_k and repetition_window must be below 2^30");
  }
  BITNET_ASSIGN_OR_RETURN(params.temperature, FloatOf("temperature_bits", sampling.temperature_bits()));
  BITNET_ASSIGN_OR_RETURN(params.top_p, FloatOf("top_p_bits", sampling.top_p_bits()));
  BITNET_ASSIGN_OR_RETURN(params.min_p, FloatOf("min_p_bits", sampling.min_p_bits()));
  BITNET_ASSIGN_OR_RETURN(params.repetition_penalty,
                          FloatOf("repetition_penalty_bits", sampling.repetition_penalty_bits()));
  params.top_k = static_cast<int>(sampling.top_k());
  params.repetition_window = static_cast<int>(sampling.repetition_window());
  params.seed = sampling.seed();
  BITNET_RETURN_IF_ERROR(params.Validate());
  return params;
}

absl::StatusOr<ReplayRequest> RequestOf(const receipt::Receipt& receipt, const Commitment& commitment) {
  const receipt::Evidence& evidence = receipt.evidence();
  if (commitment.numerics.front().position != 0) {
    return absl::UnimplementedError(
        "a run that reused keys and values cannot be replayed: the tokens of the reused part are not in its "
        "commitment");
  }
  ReplayRequest request;
  BITNET_ASSIGN_OR_RETURN(request.sampling, SamplingOf(evidence.sampling()));
  request.ignore_eos = evidence.sampling().eog_masked();
  request.session = SessionDigest(receipt);
  for (const NumericsLeaf& leaf : commitment.numerics) {
    if (leaf.position < evidence.tokens().prompt()) request.prompt.push_back(static_cast<TokenId>(leaf.token_in));
    if (leaf.chosen) request.output.push_back(static_cast<TokenId>(leaf.token_out));
  }
  if (request.prompt.size() + request.output.size() != commitment.numerics.size() + 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the commitment has ", commitment.numerics.size(), " positions with ", request.output.size(),
        " choices, the receipt a prompt of ", evidence.tokens().prompt(), " tokens: they are not of one run"));
  }
  return request;
}

// How often dispatch would choose the same kernel with either, for one row and for more.
int SharedKernels(IsaSet a, IsaSet b) {
  int shared = 0;
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    if (IsSpan(op)) continue;
    for (const int64_t rows : {1, 2}) shared += SelectKernel(op, rows, a) == SelectKernel(op, rows, b) ? 1 : 0;
  }
  return shared;
}

absl::StatusOr<IsaSet> ResolveIsa(const std::string& isa, std::string_view claimed) {
  const IsaSet detected = DetectIsaSet();
  Isa cap = Isa::kScalar;
  if (isa == "other") {
    cap = OtherIsa(claimed, detected);
  } else {
    BITNET_ASSIGN_OR_RETURN(cap, ParseIsa(isa));
    if (!detected.Has(cap)) {
      return absl::InvalidArgumentError(absl::StrCat("instruction set ", isa, ": this CPU does not have it; it has ",
                                                     absl::StrJoin(detected.Names(), ", ")));
    }
  }
  return IsaClosure(cap).Intersect(detected).Intersect(IsasWithKernels());
}

}  // namespace

Isa OtherIsa(std::string_view claimed, IsaSet detected) {
  const IsaSet usable = detected.Intersect(IsasWithKernels());
  const absl::StatusOr<Isa> used = ParseIsa(claimed);
  Isa other = Isa::kScalar;
  int fewest = INT_MAX;
  for (int i = kIsaCount - 1; i >= 0; --i) {
    const Isa isa = static_cast<Isa>(i);
    if (!usable.Has(isa) || IsaName(isa) == claimed) continue;
    const int shared = used.ok() ? SharedKernels(IsaClosure(isa), IsaClosure(*used)) : 0;
    if (shared >= fewest) continue;
    fewest = shared;
    other = isa;
  }
  return other;
}

bool ReplayScreens(std::string_view asked, std::string_view used, std::string_view claimed) {
  return asked != "other" && used == claimed;
}

absl::StatusOr<std::unique_ptr<ModelUnderAudit>> ModelUnderAudit::Open(const std::string& path, int threads) {
  std::unique_ptr<ModelUnderAudit> audit(
      new ModelUnderAudit(threads > 0 ? threads : std::max(1, ReadHostInfo().logical_cores)));
  BITNET_ASSIGN_OR_RETURN(audit->model_, LoadedModel::Load(path, audit->pool_));
  return audit;
}

const ModelArtifact& ModelUnderAudit::Digests() {
  if (digests_ != nullptr) return *digests_;
  const ModelDigests digests = ComputeModelDigests(*model_, pool_);
  digests_ = std::make_unique<ModelArtifact>(ModelArtifact{.file_sha256 = ToHex(digests.file_sha256),
                                                           .file_bytes = model_->file.bytes().size(),
                                                           .tensor_root = ToHex(digests.tensor_root),
                                                           .ternary_digest = ToHex(digests.ternary_digest),
                                                           .tokenizer_sha256 = ToHex(digests.tokenizer_sha256),
                                                           .n_tensors = model_->weights.tensor_count});
  return *digests_;
}

absl::StatusOr<ReplayArtifact> ModelUnderAudit::Replay(const receipt::Receipt& receipt, const Commitment& commitment,
                                                       const std::string& isa, const std::atomic<bool>* cancelled) {
  BITNET_ASSIGN_OR_RETURN(ReplayRequest request, RequestOf(receipt, commitment));
  request.cancelled = cancelled;
  const auto& used = receipt.evidence().host().isa_used();
  BITNET_ASSIGN_OR_RETURN(const IsaSet set, ResolveIsa(isa, used.empty() ? "" : *used.rbegin()));
  const int64_t positions = static_cast<int64_t>(commitment.numerics.size());
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                          Session::Create(*model_, pool_, {.isa = set, .context = positions}));
  request.screen = ReplayScreens(isa, set.Names().back(), used.empty() ? "" : *used.rbegin());
  BITNET_ASSIGN_OR_RETURN(const Replayed replayed, bitnet::Replay(*session, request));
  ReplayArtifact artifact{.isa = std::string(set.Names().back()),
                          .file_sha256 = Digests().file_sha256,
                          .prompt_ids_digest = IdsDigest(request.prompt),
                          .output_ids_digest = IdsDigest(request.output),
                          .size = replayed.roots.size,
                          .numerics_root = ToHex(replayed.roots.numerics_root),
                          .first_difference = FirstDifference(commitment, replayed.commitment),
                          .error = "",
                          .wrong_choice = ""};
  if (replayed.wrong_choice) {
    artifact.wrong_choice =
        absl::StrCat("output token ", replayed.wrong_choice->index, " is ", replayed.wrong_choice->got,
                     "; the model and the sampling that the receipt tells choose ", replayed.wrong_choice->expected);
  }
  return artifact;
}

absl::StatusOr<independent::IndependentReport> ModelUnderAudit::RecomputeIndependently(
    const receipt::Receipt& receipt, const Commitment& commitment, const std::string& isa,
    std::optional<uint64_t> sampled_choices) {
  const auto& used = receipt.evidence().host().isa_used();
  BITNET_ASSIGN_OR_RETURN(const IsaSet set, ResolveIsa(isa, used.empty() ? "" : *used.rbegin()));
  BITNET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::Create(*model_, pool_, {.isa = set, .context = static_cast<int64_t>(commitment.numerics.size())}));
  EngineProducts products(*session);
  return independent::IndependentAudit({.model_path = model_->file.path(),
                                        .commitment = &commitment,
                                        .receipt = &receipt,
                                        .products = &products,
                                        .sampled_choices = sampled_choices},
                                       pool_);
}

}  // namespace bitnet::verify
