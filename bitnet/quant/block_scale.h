// The scale of a matrix whose blocks each carry it, rounded to binary16.

#ifndef BITNET_QUANT_BLOCK_SCALE_H_
#define BITNET_QUANT_BLOCK_SCALE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/f16.h"
#include "bitnet/quant/block_format.h"
#include "bitnet/quant/codec.h"

namespace bitnet {

// InvalidArgument unless IsTernaryScale, beginning with `what`.
absl::Status CheckScale(float scale, std::string_view what);

// What the blocks hold of a scale. InvalidArgument when CheckScale fails, or when binary16 has only infinity or zero
// for a scale that is neither: no reader without the metadata could use such a matrix.
absl::StatusOr<F16> RoundScale(float scale, std::string_view what);

// Follows the scales of a matrix from block to block. Not thread-safe.
//
// All blocks that are not all zeros must have one scale: params.exact_scale rounded, if that is known. A block of zeros
// may have any finite scale >= 0.
class BlockScaleReader {
 public:
  // `name` must outlive the reader. InvalidArgument when params.exact_scale is no scale that blocks can hold.
  static absl::StatusOr<BlockScaleReader> Create(const BlockFormat& format, const CodecParams& params,
                                                 std::string_view name);

  // The next blocks; data [blocks * bytes], their trits [blocks * weights]. Unimplemented for another scale than in
  // blocks before; InvalidArgument for one that is not the exact scale's rounding, negative or not finite.
  absl::Status Read(std::span<const uint8_t> data, std::span<const int8_t> trits);

  // Of all that was read: the exact scale where it is known, else that of the blocks that are not all zeros, else that
  // of all blocks, when they agree, else 0.
  float Scale() const;

 private:
  BlockScaleReader(const BlockFormat& format, std::string_view name) : format_(&format), name_(name) {}
  absl::Status ReadBlock(int64_t block, F16 bits, std::span<const int8_t> trits);
  absl::Status Different(int64_t block, F16 bits) const;

  const BlockFormat* format_;
  std::string_view name_;
  float exact_ = 0;
  bool has_exact_ = false;
  int64_t next_block_ = 0;
  F16 bits_ = 0;            // what blocks have had so far, or must have
  bool settled_ = false;    // bits_ is that of a block with weights, or the exact scale's
  int64_t settled_by_ = 0;  // that block
  bool agree_ = true;       // all blocks so far had bits_
};

}  // namespace bitnet

#endif  // BITNET_QUANT_BLOCK_SCALE_H_
