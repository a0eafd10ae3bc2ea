// IndependentAudit: a committed run recomputed by code of its own. docs/verification.md says what it proves.

#ifndef VERIFY_INDEPENDENT_AUDIT_H_
#define VERIFY_INDEPENDENT_AUDIT_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/independent/difference.h"
#include "verify/independent/products.h"
#include "verify/independent/walk.h"

namespace bitnet::verify::independent {

struct IndependentRequest {
  std::string model_path;
  // Everything below the roots of the run. Fixed before the audit draws its secrets, which it does anew each time.
  const Commitment* commitment = nullptr;
  // When given, the commitment and the model file must be those that it speaks of.
  const receipt::Receipt* receipt = nullptr;
  // Null: the auditor's own plain products.
  ProductSource* products = nullptr;
  // Logits of only so many of the choices, drawn at random after the commitment was fixed. Absent: of all.
  std::optional<uint64_t> sampled_choices;
  size_t chunk = 32;                             // positions that are computed together, at least 1
  const std::atomic<bool>* cancelled = nullptr;  // looked at before each chunk
};

struct IndependentReport {
  // The first place where claim and recomputation part, in the order of positions, then of the graph. Empty: none, and
  // everything in `tally` agreed.
  std::optional<Difference> difference;
  bool receipt_compared = false;
  Digest model_file = {};  // SHA-256 of the bytes that were read
  uint64_t positions = 0;
  uint64_t layers = 0;
  uint64_t choices = 0;  // in the commitment
  Tally tally;
  uint64_t load_ns = 0;  // file mapped, hashed, read and every code checked
  uint64_t key_ns = 0;   // secrets drawn and projected
  uint64_t total_ns = 0;

  // A set of products with a wrong one among them passed all tests with a chance below 2^-error_bits(). 0 when none was
  // tested.
  int error_bits() const;
};

// NotFound, InvalidArgument or Unimplemented (named) for a model that cannot be read here and for a commitment that is
// none; Unimplemented for one that does not begin at position 0; ResourceExhausted when keys and values do not fit
// into memory; DataLoss when the model's arithmetic overflows; Cancelled; an error of `products` as it is.
absl::StatusOr<IndependentReport> IndependentAudit(const IndependentRequest& request, ThreadPool& pool);

// The commitment in a file that `--commitment` wrote.
absl::StatusOr<Commitment> ReadCommitment(const std::string& path);

// For people: verdict, what was compared, the bound, what was not looked at. Several lines, each ended.
std::string IndependentText(const IndependentReport& report);

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_AUDIT_H_
