// A recorded baseline, read from its folder: the runs, and what speaks against using them.

#ifndef VERIFY_COMPARE_BASELINE_H_
#define VERIFY_COMPARE_BASELINE_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bitnet/attest/ed25519.h"
#include "verify/compare/manifest.h"
#include "verify/compare/measured_run.h"
#include "verify/compare/refusals.h"
#include "verify/policy.h"

namespace bitnet::verify {

enum class BaselineKind : uint8_t {
  kBaseline,  // may be as old as the policy says
  kAnchor,    // a frozen release: as old as its manifest allows
};

struct Baseline {
  std::optional<Manifest> manifest;  // empty when it could not be read, which is then refused
  std::string signed_by;             // key id; "" without a signature that was checked
  std::vector<MeasuredRun> runs;     // in the manifest's order, as far as their files could be read
  std::vector<Refusal> refusals;     // kBase, at most once
};

// The keys whose signatures count: those given, which must be among the policy's if it has some, or else the policy's.
absl::StatusOr<std::vector<attest::PublicKey>> TrustedKeys(std::vector<attest::PublicKey> given, const Policy& policy);

// Reads the manifest at `path`, plain or in an envelope, and the receipts beside it. With `trusted` keys the manifest
// must be signed by one of them; without, an envelope is opened by nobody and refused. Refused are also a manifest that
// is malformed, expired, too old for the policy, from the future, or not the one that the policy pins; receipts that
// are absent or have other digests; and runs that are not of the manifest's machine, model and workload. NotFound or
// the like when the manifest itself cannot be opened.
absl::StatusOr<Baseline> ReadBaseline(const std::string& path, BaselineKind kind,
                                      std::span<const attest::PublicKey> trusted, const Policy& policy, absl::Time now);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_BASELINE_H_
