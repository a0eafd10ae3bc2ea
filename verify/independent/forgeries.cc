#include "verify/independent/forgeries.h"

#include <algorithm>
#include <utility>

#include "absl/log/check.h"
#include "bitnet/base/philox.h"
#include "verify/independent/ternary.h"

namespace bitnet::verify::independent {
namespace {

class Numbers {
 public:
  explicit Numbers(uint64_t seed) : seed_(seed) {}
  uint32_t Next() {
    if (at_ % 4 == 0) words_ = PhiloxAt(seed_, 11, at_ / 4);
    return words_[at_++ % 4];
  }
  int64_t Below(int64_t end) { return static_cast<int64_t>(Next() % static_cast<uint64_t>(end)); }
  int64_t Within(int64_t low, int64_t high) { return low + Below(high - low + 1); }

 private:
  const uint64_t seed_;
  uint64_t at_ = 0;
  std::array<uint32_t, 4> words_ = {};
};

// A matrix, an input and their product.
struct Case {
  std::vector<uint8_t> codes;
  TernaryMatrix matrix;
  std::vector<int8_t> x;
  std::vector<int32_t> z;
};

int32_t Output(const TernaryMatrix& matrix, std::span<const int8_t> x, int64_t row) {
  int32_t sum = 0;
  for (int64_t col = 0; col < matrix.cols; ++col) sum += Trit(matrix, row, col) * x[static_cast<size_t>(col)];
  return sum;
}

Case MakeCase(int64_t rows, int64_t cols, Numbers& numbers) {
  Case made;
  for (int64_t i = 0; i < rows * cols / 4; ++i) {
    uint32_t byte = 0;
    for (int field = 0; field < 4; ++field) byte = byte << 2 | numbers.Next() % 3;
    made.codes.push_back(static_cast<uint8_t>(byte));
  }
  made.matrix = {.name = "m", .rows = rows, .cols = cols, .codes = made.codes, .scale = 1};
  for (int64_t i = 0; i < cols; ++i) made.x.push_back(static_cast<int8_t>(numbers.Within(-127, 127)));
  for (int64_t row = 0; row < rows; ++row) made.z.push_back(Output(made.matrix, made.x, row));
  return made;
}

// Changes made.z, which is the honest product, into a wrong one, or leaves it when chance makes no difference.
std::vector<int32_t> Forged(const Case& made, Forgery forgery, Numbers& numbers) {
  std::vector<int32_t> z = made.z;
  const int64_t limit = LargestProduct(made.matrix.cols);
  const size_t i = static_cast<size_t>(numbers.Below(made.matrix.rows));
  const size_t j = (i + 1 + static_cast<size_t>(numbers.Below(made.matrix.rows - 1))) % z.size();
  const auto change = [&](size_t index, int64_t by) { z[index] = static_cast<int32_t>(z[index] + by); };
  switch (forgery) {
    case Forgery::kOneOff:
      change(i, numbers.Below(2) == 0 ? 1 : -1);
      break;
    case Forgery::kOneAnywhere:
      z[i] = static_cast<int32_t>(numbers.Within(-limit, limit));
      break;
    case Forgery::kPowerOfTwo:
      change(i, (z[i] < 0 ? 1 : -1) * (int64_t{1} << numbers.Below(14)));
      break;
    case Forgery::kSumPreserving: {
      const int64_t by = numbers.Within(1, 1000);
      change(i, by);
      change(j, -by);
      break;
    }
    case Forgery::kSwapped:
      std::swap(z[i], z[j]);
      break;
    case Forgery::kManySumming0: {
      int64_t sum = 0;
      for (size_t k = 0; k + 1 < z.size(); ++k) {
        const int64_t by = numbers.Within(-3, 3);
        change(k, by);
        sum += by;
      }
      change(z.size() - 1, -sum);
      break;
    }
    case Forgery::kAllShifted: {
      const int64_t by = numbers.Within(1, 500);
      for (size_t k = 0; k < z.size(); ++k) change(k, by);
      break;
    }
    case Forgery::kOtherInput: {
      std::vector<int8_t> x = made.x;
      int8_t& changed = x[static_cast<size_t>(numbers.Below(made.matrix.cols))];
      changed = static_cast<int8_t>(changed == 127 ? 126 : changed + 1);
      for (size_t k = 0; k < z.size(); ++k) z[k] = Output(made.matrix, x, static_cast<int64_t>(k));
      break;
    }
    case Forgery::kOtherWeight: {
      const int64_t col = numbers.Below(made.matrix.cols);
      const int trit = Trit(made.matrix, static_cast<int64_t>(i), col);
      change(i, int64_t{trit == 1 ? -1 : 1} * made.x[static_cast<size_t>(col)]);
      break;
    }
    case Forgery::kRepeated:
      change(i, numbers.Within(1, 7));
      change(j, -numbers.Within(1, 7));
      break;
  }
  return z;
}

constexpr std::pair<int64_t, int64_t> kShapes[] = {{3, 128}, {4, 128}, {16, 128}, {21, 256}};

}  // namespace

std::string_view ForgeryName(Forgery forgery) {
  static constexpr std::string_view kNames[kForgeries] = {
      "one off",     "one anywhere",     "power of two",      "sum preserving", "swapped", "many, summing to 0",
      "all shifted", "of another input", "of another weight", "small multiples"};
  return kNames[static_cast<size_t>(forgery)];
}

uint64_t ForgeryTally::Tried() const {
  uint64_t sum = 0;
  for (const uint64_t count : tried) sum += count;
  return sum;
}

uint64_t ForgeryTally::Accepted() const {
  uint64_t sum = 0;
  for (const uint64_t count : accepted) sum += count;
  return sum;
}

ForgeryTally TryForgeries(uint64_t count, uint64_t seed,
                          const std::function<std::vector<SecretPair>(int64_t rows)>& draw) {
  constexpr uint64_t kTriesPerCase = 200;
  Numbers numbers(seed);
  ForgeryTally tally;
  Case made;
  for (uint64_t tried = 0; tried < count;) {
    if (tried % kTriesPerCase == 0) {
      const auto& [rows, cols] = kShapes[tried / kTriesPerCase % std::size(kShapes)];
      made = MakeCase(rows, cols, numbers);
    }
    const size_t kind = tried % kForgeries;
    const std::vector<int32_t> forged = Forged(made, static_cast<Forgery>(kind), numbers);
    if (forged == made.z) continue;  // an input or weight that does not matter: once more
    const FreivaldsKey key(made.matrix, draw(made.matrix.rows));
    tally.honest_refused += key.Accepts(made.x, made.z) ? 0 : 1;
    tally.accepted[kind] += key.Accepts(made.x, forged) ? 1 : 0;
    ++tally.tried[kind];
    ++tried;
  }
  return tally;
}

}  // namespace bitnet::verify::independent
