// AuditRequest: what a command line asks of the auditor, made into a policy and artifacts. The command line belongs to
// whoever runs it: next to a policy file it can ask for more, never for less.

#ifndef VERIFY_REQUEST_H_
#define VERIFY_REQUEST_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/attest/ledger.h"
#include "verify/artifacts.h"
#include "verify/audit.h"
#include "verify/policy.h"

namespace bitnet::verify {

// File names, "" for those that were not given.
struct AuditRequest {
  std::string policy;
  std::string level;  // "L0" to "L4", "" for none
  bool strict = false;
  std::vector<std::string> keys;  // public keys, PEM
  std::string challenge;
  std::string ledger;
  std::string model;       // a model file
  std::string commitment;  // what lies below the receipt's trace
  bool replay = false;     // compute the run again; needs both
  std::string replay_isa = "other";
  bool independent = false;        // and once more by code of its own; implies replay
  std::optional<uint64_t> sample;  // with logits of only so many of its choices
  int threads = 0;                 // of hashing and replay; 0: one per core
};

// The policy that the request makes for `text`, a receipt or the envelope around one. Without a policy file a receipt
// must reach L1 and an envelope L3, unless `level` says otherwise. A model or commitment asks for L2, a key, challenge
// or ledger for L3, a replay for L4; a lower level beside them is InvalidArgument. Keys of the request must be among
// those of a policy file that has some, and are then the only ones that count.
absl::StatusOr<Policy> MakePolicy(const AuditRequest& request, std::string_view text);

// The challenge, the ledger and the commitment of a request. The ledger's file is locked while this lives. Move-only.
class AuditFiles {
 public:
  static absl::StatusOr<AuditFiles> Open(const AuditRequest& request);

  // What they are to the rules. Points into this object.
  void AddTo(Artifacts& artifacts) const;

  // Writes the nonce of a receipt down that was accepted at L3 or above; call it before the verdict is given. Returns
  // "" or, when something was written, a line about it for people. The verdict does not stand when this fails.
  absl::StatusOr<std::string> Record(const AuditReport& report, std::string_view text, absl::Time now);

 private:
  std::optional<attest::Challenge> challenge_;
  std::optional<attest::LedgerFile> ledger_;
  std::optional<Commitment> commitment_;
};

}  // namespace bitnet::verify

#endif  // VERIFY_REQUEST_H_
