// Freivalds' test of ternary products, without a field: is z = W x, for a cost of rows + cols instead of rows * cols?
//
// A secret s in [0, 2^32)^rows is drawn after the run has been committed to, and v = s^T W is computed once for a
// matrix, in uint64, which wraps. Then z is accepted when
//     |z_i| <= 128 * cols for every i, and sum v_j x_j == sum s_i z_i (mod 2^64).
// If z is not W x, some d_i = z_i - (W x)_i is not 0, and |d_i| <= 256 * cols < 2^31. With all other secrets fixed,
// s_i -> s_i d_i takes 2^32 values, spaced by |d_i| over less than 2^63: they differ mod 2^64, so at most one s_i
// passes. A wrong z passes with a chance of at most 2^-32 for one secret, 2^-64 for the two that are drawn here.

#ifndef VERIFY_INDEPENDENT_FREIVALDS_H_
#define VERIFY_INDEPENDENT_FREIVALDS_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "verify/independent/ternary.h"

namespace bitnet::verify::independent {

// Wider rows could have sums that binary32 does not hold exactly, and |d_i| of 2^31 and more.
inline constexpr int64_t kMaxCols = 65536;

inline constexpr int kSecrets = 2;
inline constexpr int kBitsPerSecret = 32;  // a wrong product passes one secret with a chance of 2^-32

// The two secrets of one output.
using SecretPair = std::array<uint32_t, kSecrets>;
// The two sums s^T W of one input.
using ProjectedPair = std::array<uint64_t, kSecrets>;

// From the system's cryptographic generator. Internal when it fails.
absl::StatusOr<std::vector<SecretPair>> DrawSecrets(int64_t rows);

// s^T W for both secrets: one for each column.
std::vector<ProjectedPair> Project(const TernaryMatrix& matrix, std::span<const SecretPair> secrets);

// The largest |z| that W x can have: entries of x are int8.
inline constexpr int32_t LargestProduct(int64_t cols) { return static_cast<int32_t>(128 * cols); }

// What one matrix is checked with. Immutable.
class FreivaldsKey {
 public:
  // `secrets`: one pair for each row of the matrix. Takes time in proportion to the matrix, once.
  FreivaldsKey(const TernaryMatrix& matrix, std::vector<SecretPair> secrets);

  // Whether z is W x, up to the chance above. x has `cols`, z has `rows` elements.
  bool Accepts(std::span<const int8_t> x, std::span<const int32_t> z) const;

 private:
  std::vector<SecretPair> secrets_;
  std::vector<ProjectedPair> projected_;
};

}  // namespace bitnet::verify::independent

#endif  // VERIFY_INDEPENDENT_FREIVALDS_H_
