// Writing values row by row: as a trace, or as one .npy file.

#ifndef BITNET_ARRAYS_TRACE_WRITER_H_
#define BITNET_ARRAYS_TRACE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/arrays/trace_header.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/sha256.h"

namespace bitnet {

// Where records go. Each is announced with all its rows, and then gets them in order; rows of several records may come
// in turns. Not thread-safe.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Returns the record's number.
  virtual absl::StatusOr<size_t> Add(const RecordId& id, int64_t first_position, uint64_t rows, uint64_t width) = 0;
  // Whole rows, [..][width].
  virtual absl::Status Append(size_t record, std::span<const float> rows) = 0;
};

// A trace as docs/trace_format.md says: NAME.f32 and NAME.json. Memory does not grow with the trace. Nothing is there
// before Finish, and the header comes last.
class TraceWriter : public RecordSink {
 public:
  // `path` with or without ".json". InvalidArgument when the header could not name the data file, which is JSON text;
  // FailedPrecondition and the like as AtomicFile has them.
  static absl::StatusOr<TraceWriter> Create(const std::string& path);

  absl::StatusOr<size_t> Add(const RecordId& id, int64_t first_position, uint64_t rows, uint64_t width) override;
  absl::Status Append(size_t record, std::span<const float> rows) override;

  // `producer` and `model` are any bytes: what a header cannot hold is escaped and cut short. Internal when a record
  // has not got all its rows or there is none, InvalidArgument when ParseTraceHeader would refuse the header, as one of
  // more than 16 MiB: then there is no file. Call once, last.
  absl::Status Finish(std::string_view producer, std::string_view model, std::vector<int32_t> ids);

  const std::string& header_path() const { return header_path_; }
  const std::string& data_path() const { return data_path_; }
  const TraceHeader& header() const { return header_; }

 private:
  TraceWriter(std::string header_path, std::string data_path, AtomicFile header_file, AtomicFile data);

  struct Progress {
    uint64_t written = 0;  // bytes
    Sha256 hash;
  };

  std::string header_path_;
  std::string data_path_;
  AtomicFile header_file_;  // open from the start: a name that cannot be is refused before the work
  AtomicFile data_;
  TraceHeader header_;
  std::vector<Progress> progress_;  // of each record of header_
};

// One record as a .npy file, held in memory until Finish.
class NpyWriter : public RecordSink {
 public:
  // FailedPrecondition and the like as AtomicFile has them.
  static absl::StatusOr<NpyWriter> Create(const std::string& path);

  // InvalidArgument for a second record.
  absl::StatusOr<size_t> Add(const RecordId& id, int64_t first_position, uint64_t rows, uint64_t width) override;
  absl::Status Append(size_t record, std::span<const float> rows) override;
  // Internal when rows are missing. Call once, last.
  absl::Status Finish();

  const TraceRecord& record() const { return record_; }

 private:
  explicit NpyWriter(AtomicFile file) : file_(std::move(file)) {}

  AtomicFile file_;  // open from the start, as a trace's
  TraceRecord record_;
  std::vector<float> values_;
};

}  // namespace bitnet

#endif  // BITNET_ARRAYS_TRACE_WRITER_H_
