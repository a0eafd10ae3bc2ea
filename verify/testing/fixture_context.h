// What an auditor is given beside a fixture: a policy that trusts the testing key, the challenge that the signed
// fixtures answer, and a ledger that has seen others.

#ifndef VERIFY_TESTING_FIXTURE_CONTEXT_H_
#define VERIFY_TESTING_FIXTURE_CONTEXT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/attest/ledger.h"
#include "verify/artifacts.h"
#include "verify/policy.h"

namespace bitnet::verify {

// The nonce and issuer of the challenge, which signed fixtures carry in /evidence/challenge.
inline constexpr std::string_view kFixtureNonce = "7e577e577e577e577e577e577e577e577e577e577e577e577e577e577e577e57";
inline constexpr std::string_view kFixtureIssuer = "ci:nightly";

struct FixtureContext {
  Policy policy;        // its level is the test's to set
  Artifacts artifacts;  // `ledger` points to the next
  std::unique_ptr<attest::Ledger> ledger;
  bool trusts_testing_key = true;  // unless the policy names keys of its own
};

// The context with changes, in the words of a fixture's `with` lines:
//   policy JSON          members of a policy
//   challenge JSON       members of the challenge instead of the usual ones
//   challenge none       no challenge is given
//   ledger none          no ledger is given
//   ledger taken         the ledger has the nonce
//   no keys              nobody's signature counts, and there is no challenge and no ledger
//   model none           no model file is given; usually it is that of pass_traced
//   replay NAME          the model file of an accepted fixture, and a replay that agrees with it
//   files NAME           and its commitment and an independent recomputation as well
//   launch JSON          the auditor launched the run: members "failure", "nonce", "outer_ns" instead of an end without
//                        failure, the usual nonce and 8 s
//   independent differs  that recomputation came out otherwise
//   model JSON, replay JSON, independent JSON   members of what was computed, once it is there
//   commitment EDIT      an edit of the commitment file, see artifact_edits.h
// NAME is an accepted fixture or a run in words (named_run.h).
absl::StatusOr<FixtureContext> MakeFixtureContext(const std::vector<std::string>& changes);

// The usual one at `level`.
FixtureContext UsualContext(Level level = Level::kL3);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_FIXTURE_CONTEXT_H_
