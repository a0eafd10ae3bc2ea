// Any bytes as a commitment file: one commitment in its one form, or an error that says something.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/base/sha256.h"
#include "bitnet/commitment/commitment_file.h"

namespace {

void Check(std::span<const uint8_t> bytes) {
  const absl::StatusOr<bitnet::Commitment> commitment = bitnet::ParseCommitment(bytes);
  if (!commitment.ok()) {
    CHECK(!commitment.status().message().empty());
    return;
  }
  const std::vector<uint8_t> again = bitnet::EncodeCommitment(*commitment);
  CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  const bitnet::CommitmentRoots roots = bitnet::RootsOf(*commitment);
  CHECK(roots.size == commitment->numerics.size() && roots.observed_size == commitment->observed.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Check({data, size});
  // With the digest that a mutation cannot guess: what it guards is reached as well.
  if (size >= sizeof(bitnet::Digest)) {
    std::vector<uint8_t> bytes(data, data + size);
    const size_t body = size - sizeof(bitnet::Digest);
    const bitnet::Digest digest = bitnet::Sha256Of(std::span(bytes).first(body));
    std::copy(digest.begin(), digest.end(), bytes.begin() + static_cast<std::ptrdiff_t>(body));
    Check(bytes);
  }
  return 0;
}
