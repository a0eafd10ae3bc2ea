// ArraySet: the values that a file holds, whichever of the three forms it has.

#ifndef BITNET_ARRAYS_ARRAY_SET_H_
#define BITNET_ARRAYS_ARRAY_SET_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/arrays/array_view.h"
#include "bitnet/arrays/trace_header.h"
#include "bitnet/base/mapped_file.h"

namespace bitnet {

// Rows of one value: what is compared.
struct ArrayRecord {
  RecordId id;
  int64_t first_position = 0;
  uint64_t rows = 0;   // >= 1
  uint64_t width = 0;  // >= 1
  ArrayView data;      // [rows][width]
};

struct ArraySetOptions {
  std::vector<uint64_t> shape;   // of a raw f32 file, [rows, width]; empty: none was given
  RecordId id = {{}, "logits"};  // of an array that does not say what it is
};

// Move-only; immutable. The records point into files that it keeps mapped.
class ArraySet {
 public:
  // By the end of the name: ".json" is the header of a trace (its digests are checked), ".npy" a NumPy array, all else
  // raw little-endian f32, which needs a shape. An array of more than two dimensions is read when all but the last two
  // have extent 1; one of one dimension is one row. Errors begin with the path.
  static absl::StatusOr<ArraySet> Open(const std::string& path, const ArraySetOptions& options);

  std::span<const ArrayRecord> records() const { return records_; }
  const ArrayRecord* Find(const RecordId& id) const;  // null when there is none
  const std::vector<int32_t>& ids() const { return ids_; }

 private:
  explicit ArraySet(MappedFile file) : file_(std::move(file)) {}

  MappedFile file_;
  std::vector<ArrayRecord> records_;
  std::vector<int32_t> ids_;
};

// Token ids of a file: ".npy" as CopyAsIds has it, ".json" the ids of a trace, all else raw little-endian int32.
// Errors begin with the path.
absl::StatusOr<std::vector<int32_t>> ReadIdsFile(const std::string& path);

}  // namespace bitnet

#endif  // BITNET_ARRAYS_ARRAY_SET_H_
