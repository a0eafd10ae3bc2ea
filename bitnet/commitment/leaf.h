// The leaves of a trace commitment, as bytes. docs/commitment.md is the normative text.

#ifndef BITNET_COMMITMENT_LEAF_H_
#define BITNET_COMMITMENT_LEAF_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/work.h"

namespace bitnet {

// One position's keys or values in one layer, as the KV cache holds them: head h at first + h * stride, `head_dim`
// values each. Keys are after rope, rows of each head in half-split order.
struct KvRow {
  const F16* first = nullptr;
  int64_t stride = 0;  // values
  int64_t heads = 0;
  int64_t head_dim = 0;
};

// SHA256(0x02 || session || u32 position || u32 layer || keys || values). `hash` is fresh or reset, and is left
// finished.
Digest LayerDigest(Sha256& hash, const Digest& session, uint32_t position, uint32_t layer, const KvRow& keys,
                   const KvRow& values);

// What was computed at one position. Equal for every instruction set, thread count, prefill chunk and schedule.
struct NumericsLeaf {
  uint32_t position = 0;
  uint32_t token_in = 0;
  Digest layers_root = {};  // RFC 6962 tree over the layers' digests, which are its leaf hashes
  Digest hidden = {};       // SHA-256 of the residual stream after the last layer, binary32
  // A token was chosen from this position's logits. False for all but the last position of the prompt; then the rest
  // is zero.
  bool chosen = false;
  uint32_t argmax = 0;     // of the logits as computed, the lowest id of equals
  uint32_t top1_bits = 0;  // binary32 of logits[argmax]
  uint32_t top2_bits = 0;  // binary32 of the largest logit of another id
  uint32_t token_out = 0;

  friend bool operator==(const NumericsLeaf&, const NumericsLeaf&) = default;
};

inline constexpr size_t kNumericsLeafBytes = 4 + 4 + 32 + 32 + 1 + 4 * 4;
std::array<uint8_t, kNumericsLeafBytes> EncodeLeaf(const NumericsLeaf& leaf);
// InvalidArgument when the flag is neither 0 nor 1, or what must be zero is not.
absl::StatusOr<NumericsLeaf> DecodeNumericsLeaf(std::span<const uint8_t, kNumericsLeafBytes> bytes);

// One forward pass: what was called, and when.
struct ObservedLeaf {
  StepKind kind = StepKind::kPrefill;
  uint32_t first_position = 0;
  uint32_t rows = 0;
  uint32_t logit_rows = 0;
  uint64_t begin_ns = 0;  // since the first pass began
  uint64_t end_ns = 0;
  struct Calls {
    uint16_t kernel = 0;  // index into KernelTable(), whose digest the session binds
    uint32_t calls = 0;
    friend bool operator==(const Calls&, const Calls&) = default;
  };
  std::vector<Calls> calls;  // of kernels that ran, ascending

  friend bool operator==(const ObservedLeaf&, const ObservedLeaf&) = default;
};

std::vector<uint8_t> EncodeLeaf(const ObservedLeaf& leaf);
// The same in place of what `bytes` held: memory that it has is used again.
void EncodeLeaf(const ObservedLeaf& leaf, std::vector<uint8_t>& bytes);
// InvalidArgument or OutOfRange when the bytes are not exactly one leaf in its one form.
absl::StatusOr<ObservedLeaf> DecodeObservedLeaf(std::span<const uint8_t> bytes);

}  // namespace bitnet

#endif  // BITNET_COMMITMENT_LEAF_H_
