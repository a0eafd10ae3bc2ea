#include "bitnet/arrays/array_set.h"

#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/arrays/npy.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

absl::Status At(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// [..1][rows][width], or [width].
absl::StatusOr<ArrayRecord> RecordOf(ArrayView array, const RecordId& id) {
  const std::vector<uint64_t>& shape = array.shape;
  bool fits = !shape.empty() && !array.bytes.empty() && array.dtype != Dtype::kI32 && array.dtype != Dtype::kI64;
  for (size_t i = 0; i + 2 < shape.size(); ++i) fits = fits && shape[i] == 1;
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat("expected floats [rows][width] of at least one row, got ",
                                                   DtypeName(array.dtype), " ", ShapeText(shape)));
  }
  ArrayRecord record;
  record.id = id;
  record.width = shape.back();
  record.rows = array.elements() / record.width;
  record.data = std::move(array);
  return record;
}

absl::StatusOr<ArrayView> RawArray(std::span<const uint8_t> bytes, const std::vector<uint64_t>& shape) {
  if (shape.size() != 2) {
    return absl::InvalidArgumentError(
        "raw f32 values do not say their shape: give --shape ROWS,WIDTH, or the .json header of a trace");
  }
  BITNET_ASSIGN_OR_RETURN(const uint64_t expected, ArrayBytes(Dtype::kF32, shape, "--shape"));
  if (expected != bytes.size() || expected == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected ", expected, " bytes for f32 ", ShapeText(shape), ", got ", bytes.size()));
  }
  return ArrayView{Dtype::kF32, shape, bytes};
}

absl::StatusOr<TraceHeader> ReadHeader(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  absl::StatusOr<TraceHeader> header = ParseTraceHeader(text);
  if (!header.ok()) return At(path, header.status());
  return header;
}

absl::StatusOr<ArrayRecord> RecordIn(const TraceRecord& record, std::span<const uint8_t> data) {
  const std::span<const uint8_t> bytes = data.subspan(record.offset, record.bytes());
  if (!record.sha256.empty()) {
    const std::string got = ToHex(Sha256Of(bytes));
    if (got != record.sha256) {
      return absl::InvalidArgumentError(absl::StrCat(record.id.Name(), ": expected bytes of sha256 ", record.sha256,
                                                     ", got ", got, "; header and data are not of the same run"));
    }
  }
  return ArrayRecord{record.id, record.first_position, record.rows, record.width,
                     ArrayView{Dtype::kF32, {record.rows, record.width}, bytes}};
}

}  // namespace

absl::StatusOr<ArraySet> ArraySet::Open(const std::string& path, const ArraySetOptions& options) {
  if (!absl::EndsWith(path, ".json")) {
    BITNET_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
    ArraySet set(std::move(file));
    const std::span<const uint8_t> bytes = set.file_.bytes();
    absl::StatusOr<ArrayView> array = absl::EndsWith(path, ".npy") ? ParseNpy(bytes) : RawArray(bytes, options.shape);
    if (!array.ok()) return At(path, array.status());
    absl::StatusOr<ArrayRecord> record = RecordOf(*std::move(array), options.id);
    if (!record.ok()) return At(path, record.status());
    set.records_.push_back(*std::move(record));
    return set;
  }
  BITNET_ASSIGN_OR_RETURN(TraceHeader header, ReadHeader(path));
  const std::string data_path = (std::filesystem::path(path).parent_path() / header.data).string();
  BITNET_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(data_path));
  ArraySet set(std::move(file));
  const std::span<const uint8_t> bytes = set.file_.bytes();
  if (bytes.size() != header.data_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(data_path, ": expected ", header.data_bytes, " bytes as ", path, " says, got ", bytes.size()));
  }
  for (const TraceRecord& described : header.records) {
    absl::StatusOr<ArrayRecord> record = RecordIn(described, bytes);
    if (!record.ok()) return At(data_path, record.status());
    set.records_.push_back(*std::move(record));
  }
  set.ids_ = std::move(header.ids);
  return set;
}

const ArrayRecord* ArraySet::Find(const RecordId& id) const {
  for (const ArrayRecord& record : records_) {
    if (record.id == id) return &record;
  }
  return nullptr;
}

absl::StatusOr<std::vector<int32_t>> ReadIdsFile(const std::string& path) {
  if (absl::EndsWith(path, ".json")) {
    BITNET_ASSIGN_OR_RETURN(TraceHeader header, ReadHeader(path));
    if (header.ids.empty()) return absl::InvalidArgumentError(path + ": this trace does not say its token ids");
    return std::move(header.ids);
  }
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const std::span<const uint8_t> bytes = file.bytes();
  if (absl::EndsWith(path, ".npy")) {
    const absl::StatusOr<ArrayView> array = ParseNpy(bytes);
    if (!array.ok()) return At(path, array.status());
    absl::StatusOr<std::vector<int32_t>> ids = CopyAsIds(*array);
    if (!ids.ok()) return At(path, ids.status());
    return ids;
  }
  if (bytes.empty() || bytes.size() % sizeof(int32_t) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": expected a positive multiple of 4 bytes (little-endian int32 ids), got ", bytes.size()));
  }
  const absl::StatusOr<std::vector<int32_t>> ids =
      CopyAsIds({.dtype = Dtype::kI32, .shape = {bytes.size() / sizeof(int32_t)}, .bytes = bytes});
  if (!ids.ok()) return At(path, ids.status());
  return *ids;
}

}  // namespace bitnet
