#include "verify/request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/attest/pem.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/receipt/document.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/envelope_facts.h"
#include "verify/text_file.h"

namespace bitnet::verify {
namespace {

absl::Status In(std::string_view where, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(where, ": ", status.message()));
}

// The lowest level that looks at everything that was given, and what to leave out for a lower one.
struct Asked {
  Level level = Level::kL0;
  std::string_view flags;
};

Asked AskedFor(const AuditRequest& request) {
  if (request.replay || request.independent) return {Level::kL4, "--replay and --independent"};
  if (!request.keys.empty() || !request.challenge.empty() || !request.ledger.empty()) {
    return {Level::kL3, "--key, --challenge and --ledger"};
  }
  if (!request.model.empty() || !request.commitment.empty()) return {Level::kL2, "--model and --commitment"};
  return {};
}

absl::Status ChooseLevel(const AuditRequest& request, bool is_envelope, Policy& policy) {
  const bool free = request.policy.empty();
  const Asked asked = AskedFor(request);
  if (request.level.empty()) {
    policy.min_level = std::max({policy.min_level, asked.level, free && is_envelope ? Level::kL3 : Level::kL0});
    return absl::OkStatus();
  }
  if (free) policy.min_level = Level::kL0;
  if (absl::Status raised = RaiseLevel(request.level, policy); !raised.ok()) return In("--level", raised);
  if (policy.min_level >= asked.level) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--level ", request.level, " does not look at what was given; leave ",
                                                 asked.flags, " out, or ask for ", LevelName(asked.level)));
}

absl::StatusOr<Commitment> ReadCommitment(const std::string& path) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<Commitment> commitment = ParseCommitment(file->bytes());
  if (!commitment.ok()) return In(path, commitment.status());
  return commitment;
}

absl::Status ChooseKeys(const AuditRequest& request, Policy& policy) {
  std::vector<attest::PublicKey> keys;
  for (const std::string& path : request.keys) {
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, attest::kMaxPemBytes));
    const absl::StatusOr<attest::PublicKey> key = attest::PublicKey::FromText(text);
    if (!key.ok()) return In(path, key.status());
    if (!policy.keys.empty() && std::ranges::find(policy.keys, *key) == policy.keys.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": the policy does not trust this key, ", key->KeyId(), "; only its owner can add one"));
    }
    keys.push_back(*key);
  }
  if (!keys.empty()) policy.keys = std::move(keys);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Policy> MakePolicy(const AuditRequest& request, std::string_view text) {
  Policy policy;
  if (!request.policy.empty()) {
    BITNET_ASSIGN_OR_RETURN(const std::string policy_text, ReadTextFile(request.policy, kMaxReceiptBytes));
    absl::StatusOr<Policy> parsed = ParsePolicy(policy_text);
    if (!parsed.ok()) return In(request.policy, parsed.status());
    policy = *std::move(parsed);
  }
  BITNET_RETURN_IF_ERROR(ChooseLevel(request, attest::LooksLikeBundle(text), policy));
  BITNET_RETURN_IF_ERROR(ChooseKeys(request, policy));
  policy.strict |= request.strict;
  return policy;
}

absl::StatusOr<AuditFiles> AuditFiles::Open(const AuditRequest& request) {
  AuditFiles files;
  if ((request.replay || request.independent) && (request.model.empty() || request.commitment.empty())) {
    return absl::InvalidArgumentError("--replay and --independent compute a run again: that needs --model and --commitment");
  }
  if (!request.challenge.empty()) {
    BITNET_ASSIGN_OR_RETURN(files.challenge_, attest::ReadChallengeFile(request.challenge));
  }
  if (!request.commitment.empty()) {
    BITNET_ASSIGN_OR_RETURN(files.commitment_, ReadCommitment(request.commitment));
  }
  if (!request.ledger.empty()) {
    BITNET_ASSIGN_OR_RETURN(attest::LedgerFile ledger, attest::LedgerFile::Open(request.ledger));
    files.ledger_.emplace(std::move(ledger));
  }
  return files;
}

void AuditFiles::AddTo(Artifacts& artifacts) const {
  artifacts.challenge = challenge_;
  artifacts.commitment = commitment_;
  artifacts.ledger = ledger_ ? &ledger_->ledger() : nullptr;
}

absl::StatusOr<std::string> AuditFiles::Record(const AuditReport& report, std::string_view text, absl::Time now) {
  if (!ledger_ || report.verdict != Verdict::kAccept || report.level < Level::kL3) return std::string();
  const std::optional<EnvelopeFacts> envelope = ReadEnvelopeFacts(text);
  if (!envelope || !envelope->statement.ok()) return absl::InternalError("an envelope was accepted and cannot be read");
  const ReceiptDocument document = ReadReceiptDocument(envelope->receipt_text());
  const attest::LedgerEntry entry{document.receipt.evidence().challenge().nonce(),
                                  envelope->statement->subjects.receipt,
                                  absl::FromUnixSeconds(absl::ToUnixSeconds(now))};
  BITNET_RETURN_IF_ERROR(ledger_->Append(entry));
  return absl::StrCat("nonce taken: the ledger has ", ledger_->ledger().size(), " lines, root ",
                      ledger_->ledger().Root());
}

}  // namespace bitnet::verify
