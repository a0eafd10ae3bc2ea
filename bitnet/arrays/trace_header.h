// The header of a trace: JSON that says what the values in a file of raw f32 are. docs/trace_format.md.

#ifndef BITNET_ARRAYS_TRACE_HEADER_H_
#define BITNET_ARRAYS_TRACE_HEADER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet {

// Which value a record holds. Its name is "layer.<layer>.<op>", or "<op>" for values that are not of a layer.
struct RecordId {
  std::optional<int64_t> layer;
  std::string op;

  std::string Name() const;
  friend bool operator==(const RecordId& a, const RecordId& b) = default;
};

// The inverse of Name. InvalidArgument for what is no name.
absl::StatusOr<RecordId> ParseRecordName(std::string_view name);

struct TraceRecord {
  RecordId id;
  int64_t first_position = 0;
  uint64_t rows = 0;
  uint64_t width = 0;
  uint64_t offset = 0;  // of the first byte, in the data file
  std::string sha256;   // of its bytes, 64 lower-case hex digits; empty: not stated

  uint64_t bytes() const { return rows * width * sizeof(float); }
};

struct TraceHeader {
  std::string data;  // name of the data file, in the header's own folder
  uint64_t data_bytes = 0;
  std::string producer;      // program and version; may be empty
  std::string model;         // name of the model; may be empty
  std::vector<int32_t> ids;  // tokens at positions 0 ..; empty: not stated
  std::vector<TraceRecord> records;
};

inline constexpr size_t kMaxTraceHeaderBytes = size_t{16} << 20;
inline constexpr size_t kMaxTraceText = 256;  // bytes of each of its texts

// InvalidArgument with the JSON path, expected and got: no JSON, another format or version, members missing, twice or
// of another kind, sizes beyond the data, records that overlap, are there twice or have no rows. Members that are not
// known are left alone.
absl::StatusOr<TraceHeader> ParseTraceHeader(std::string_view text);

// Deterministic: equal headers are equal bytes.
std::string WriteTraceHeader(const TraceHeader& header);

}  // namespace bitnet

#endif  // BITNET_ARRAYS_TRACE_HEADER_H_
