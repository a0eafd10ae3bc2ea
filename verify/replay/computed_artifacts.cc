#include "verify/replay/computed_artifacts.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/document.h"
#include "verify/envelope_facts.h"
#include "verify/independent/audit.h"
#include "verify/replay/model_under_audit.h"

namespace bitnet::verify {
namespace {

// The receipt in `text`; empty when there is none to be had.
std::optional<receipt::Receipt> ReceiptIn(std::string_view text) {
  const std::optional<EnvelopeFacts> envelope = ReadEnvelopeFacts(text);
  if (envelope && !envelope->statement.ok()) return std::nullopt;
  ReceiptDocument document = ReadReceiptDocument(envelope ? envelope->receipt_text() : text);
  if (!document.json) return std::nullopt;
  return std::move(document.receipt);
}

}  // namespace

IndependentArtifact Independently(const AuditRequest& request, const receipt::Receipt& receipt,
                                  const Commitment& commitment, ModelUnderAudit& model) {
  const absl::StatusOr<independent::IndependentReport> report =
      model.RecomputeIndependently(receipt, commitment, request.replay_isa, request.sample);
  if (!report.ok()) return {.error = std::string(report.status().message())};
  return {.file_sha256 = ToHex(report->model_file),
          .positions = report->tally.positions,
          .products = report->tally.products_tested,
          .error_bits = report->error_bits(),
          .choices = report->choices,
          .choices_compared = report->tally.choices_compared,
          .first_difference = report->difference ? report->difference->Text() : ""};
}

absl::Status AddComputed(const AuditRequest& request, std::string_view text, Artifacts& artifacts) {
  if (request.model.empty()) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<ModelUnderAudit> model,
                          ModelUnderAudit::Open(request.model, request.threads));
  artifacts.model = model->Digests();
  if (!(request.replay || request.independent) || !artifacts.commitment) return absl::OkStatus();
  const std::optional<receipt::Receipt> receipt = ReceiptIn(text);
  if (!receipt) return absl::OkStatus();
  absl::StatusOr<ReplayArtifact> replay = model->Replay(*receipt, *artifacts.commitment, request.replay_isa);
  if (request.independent) {
    artifacts.independent = Independently(request, *receipt, *artifacts.commitment, *model);
  }
  artifacts.replay = replay.ok() ? *std::move(replay) : ReplayArtifact{.error = std::string(replay.status().message())};
  return absl::OkStatus();
}

}  // namespace bitnet::verify
