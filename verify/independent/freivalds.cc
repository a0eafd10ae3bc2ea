#include "verify/independent/freivalds.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bitnet::verify::independent {
namespace {

constexpr int kGroup = 4;  // rows that one look-up serves: 4 codes of 2 bits are a byte

// table[code of row 0 | code of row 1 << 2 | ...] = sum over the rows of secret * (code - 1).
using GroupTable = std::array<ProjectedPair, 256>;

void FillTable(std::span<const SecretPair> secrets, GroupTable& table) {
  for (int k = 0; k < kSecrets; ++k) {
    uint64_t sums[256];
    sums[0] = 0;
    for (const SecretPair& pair : secrets) sums[0] -= pair[static_cast<size_t>(k)];
    // Each further row adds its secret once, twice or three times to what is there; a row that is missing adds 0.
    size_t filled = 1;
    for (int row = 0; row < kGroup; ++row, filled *= 4) {
      const size_t index = static_cast<size_t>(row);
      const uint64_t secret = index < secrets.size() ? secrets[index][static_cast<size_t>(k)] : 0;
      for (size_t i = 0; i < 3 * filled; ++i) sums[filled + i] = sums[i] + secret;
    }
    for (size_t i = 0; i < table.size(); ++i) table[i][static_cast<size_t>(k)] = sums[i];
  }
}

// Adds the share of four rows, whose codes stand at rows[0] .. rows[3], to `sums`.
void AddGroup(const uint8_t* const (&rows)[kGroup], int64_t cols, const GroupTable& table,
              std::vector<ProjectedPair>& sums) {
  for (int64_t block = 0; block < cols / kBlockWeights; ++block) {
    ProjectedPair* out = sums.data() + block * kBlockWeights;
    uint8_t index[kBlockWeights];
    for (int field = 0; field < 4; ++field) {
      const int shift = 6 - 2 * field;
      for (int i = 0; i < kBlockBytes; ++i) {
        const int64_t at = block * kBlockBytes + i;
        index[field * kBlockBytes + i] =
            static_cast<uint8_t>(((rows[0][at] >> shift) & 3) | ((rows[1][at] >> shift) & 3) << 2 |
                                 ((rows[2][at] >> shift) & 3) << 4 | ((rows[3][at] >> shift) & 3) << 6);
      }
    }
    for (int i = 0; i < kBlockWeights; ++i) {
      for (size_t k = 0; k < kSecrets; ++k) out[i][k] += table[index[i]][k];
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<SecretPair>> DrawSecrets(int64_t rows) {
  std::vector<SecretPair> secrets(static_cast<size_t>(rows));
  auto* bytes = reinterpret_cast<uint8_t*>(secrets.data());
  size_t left = secrets.size() * sizeof(SecretPair);
  while (left > 0) {
    const ssize_t got = getrandom(bytes, left, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::InternalError(absl::StrCat("getrandom: ", std::strerror(errno)));
    bytes += got;
    left -= static_cast<size_t>(got);
  }
  return secrets;
}

std::vector<ProjectedPair> Project(const TernaryMatrix& matrix, std::span<const SecretPair> secrets) {
  CHECK_EQ(static_cast<int64_t>(secrets.size()), matrix.rows);
  std::vector<ProjectedPair> sums(static_cast<size_t>(matrix.cols));
  GroupTable table;
  for (int64_t first = 0; first < matrix.rows; first += kGroup) {
    const int64_t count = std::min<int64_t>(kGroup, matrix.rows - first);
    FillTable(secrets.subspan(static_cast<size_t>(first), static_cast<size_t>(count)), table);
    // Codes of a row that is missing count for nothing: its secret is 0.
    const uint8_t* rows[kGroup];
    for (int64_t i = 0; i < kGroup; ++i) rows[i] = matrix.Row(first + std::min(i, count - 1)).data();
    AddGroup(rows, matrix.cols, table, sums);
  }
  return sums;
}

FreivaldsKey::FreivaldsKey(const TernaryMatrix& matrix, std::vector<SecretPair> secrets)
    : secrets_(std::move(secrets)), projected_(Project(matrix, secrets_)) {
  CHECK_LE(matrix.cols, kMaxCols);
}

bool FreivaldsKey::Accepts(std::span<const int8_t> x, std::span<const int32_t> z) const {
  CHECK_EQ(x.size(), projected_.size());
  CHECK_EQ(z.size(), secrets_.size());
  const int64_t limit = LargestProduct(static_cast<int64_t>(x.size()));
  ProjectedPair left = {};
  for (size_t j = 0; j < x.size(); ++j) {
    const uint64_t value = static_cast<uint64_t>(int64_t{x[j]});
    for (size_t k = 0; k < kSecrets; ++k) left[k] += projected_[j][k] * value;
  }
  ProjectedPair right = {};
  bool in_range = true;
  for (size_t i = 0; i < z.size(); ++i) {
    in_range = in_range && int64_t{z[i]} <= limit && int64_t{z[i]} >= -limit;
    const uint64_t value = static_cast<uint64_t>(int64_t{z[i]});
    for (size_t k = 0; k < kSecrets; ++k) right[k] += secrets_[i][k] * value;
  }
  return in_range && left == right;
}

}  // namespace bitnet::verify::independent
