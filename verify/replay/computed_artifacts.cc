#include "verify/replay/computed_artifacts.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/document.h"
#include "verify/envelope_facts.h"
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

absl::Status AddComputed(const AuditRequest& request, std::string_view text, Artifacts& artifacts) {
  if (request.model.empty()) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<ModelUnderAudit> model,
                          ModelUnderAudit::Open(request.model, request.threads));
  artifacts.model = model->Digests();
  if (!request.replay || !artifacts.commitment) return absl::OkStatus();
  const std::optional<receipt::Receipt> receipt = ReceiptIn(text);
  if (!receipt) return absl::OkStatus();
  absl::StatusOr<ReplayArtifact> replay = model->Replay(*receipt, *artifacts.commitment, request.replay_isa);
  artifacts.replay = replay.ok() ? *std::move(replay) : ReplayArtifact{.error = std::string(replay.status().message())};
  return absl::OkStatus();
}

}  // namespace bitnet::verify
