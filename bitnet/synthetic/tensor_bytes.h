// The bytes of a synthetic tensor: any range of them, from (seed, tensor, offset) alone.

#ifndef BITNET_SYNTHETIC_TENSOR_BYTES_H_
#define BITNET_SYNTHETIC_TENSOR_BYTES_H_

#include <array>
#include <cstdint>
#include <span>

#include "bitnet/base/f16.h"
#include "bitnet/synthetic/tensors.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {

// Every 16 bytes of output come from one block of random bits, PhiloxAt(seed, tensor index, offset / 16):
//   I2_S  64 two-bit codes; the illegal code 3 becomes 1, so half of the weights are 0 and a quarter each -1 and +1.
//         After the last code: the scale, then zeros to the end of the tail.
//   F16   8 values of 16 bits, the upper 12 of which choose one of 4096 quantiles of a bell curve; special
//         tokens' rows have a curve of their own.
//   F32   4 norm weights, uniform in [0.75, 1.25) in steps of 2^-10.
// Integer operations and exactly rounded float ones only. Immutable, so safe to share between threads.
class TensorBytes {
 public:
  static constexpr uint64_t kGrain = 16;  // bytes

  // `index` is the tensor's place in the file's directory.
  TensorBytes(const SyntheticTensor& tensor, uint64_t seed, uint64_t index);

  uint64_t size() const { return size_; }
  // Bytes [begin, begin + out.size()) of the tensor; `begin` and, except at the tensor's end, the size are multiples
  // of kGrain.
  void Fill(uint64_t begin, std::span<uint8_t> out) const;

 private:
  TensorType type_;
  uint64_t seed_;
  uint64_t stream_;
  uint64_t size_;
  uint64_t packed_size_ = 0;  // kI2S: bytes of codes
  float scale_;
  uint64_t quiet_from_ = 0;                     // kF16: byte where the quiet rows begin
  std::array<F16, 4096> quantiles_ = {};        // kF16
  std::array<F16, 4096> quiet_quantiles_ = {};  // kF16
};

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_TENSOR_BYTES_H_
