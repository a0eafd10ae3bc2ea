#include "bitnet/arrays/trace_writer.h"

#include <filesystem>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bitnet/arrays/array_view.h"
#include "bitnet/arrays/npy.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/tokenizer/utf8.h"

namespace bitnet {
namespace {

std::span<const uint8_t> BytesOf(std::span<const float> values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()};
}

// Sizes that a file can have; the record's own are checked again by whoever reads the header.
absl::StatusOr<TraceRecord> MakeRecord(const RecordId& id, int64_t first_position, uint64_t rows, uint64_t width,
                                       uint64_t offset) {
  const uint64_t shape[] = {rows, width};
  BITNET_ASSIGN_OR_RETURN(const uint64_t bytes, ArrayBytes(Dtype::kF32, shape, id.Name()));
  if (bytes == 0 || bytes > kMaxArrayBytes - offset) {
    return absl::InvalidArgumentError(absl::StrCat(id.Name(), ": expected rows and at most ", kMaxArrayBytes,
                                                   " bytes in all, got ", ShapeText(shape), " after ", offset));
  }
  TraceRecord record;
  record.id = id;
  record.first_position = first_position;
  record.rows = rows;
  record.width = width;
  record.offset = offset;
  return record;
}

// A header's text: UTF-8 of at most so many bytes, cut between characters.
std::string HeaderText(std::string_view text) {
  std::string out = IsUtf8(text) ? std::string(text) : absl::CHexEscape(text);
  if (out.size() <= kMaxTraceText) return out;
  out.resize(kMaxTraceText);
  out.resize(out.size() - IncompleteUtf8Suffix(out));
  return out;
}

absl::Status Unfinished(const TraceRecord& record, uint64_t bytes) {
  return absl::InternalError(
      absl::StrCat(record.id.Name(), ": expected ", record.bytes(), " bytes of values, got ", bytes));
}

}  // namespace

absl::StatusOr<TraceWriter> TraceWriter::Create(const std::string& path) {
  const std::string stem(absl::StripSuffix(path, ".json"));
  std::string header_path = stem + ".json", data_path = stem + ".f32";
  const std::string data_name = std::filesystem::path(data_path).filename().string();
  if (!IsUtf8(data_name)) {
    return absl::InvalidArgumentError(absl::StrCat("name of a trace: expected UTF-8, which its header is, got \"",
                                                   absl::CHexEscape(data_name.substr(0, kMaxTraceText)), "\""));
  }
  BITNET_ASSIGN_OR_RETURN(AtomicFile header_file, AtomicFile::Create(header_path));
  BITNET_ASSIGN_OR_RETURN(AtomicFile data, AtomicFile::Create(data_path));
  return TraceWriter(std::move(header_path), std::move(data_path), std::move(header_file), std::move(data));
}

TraceWriter::TraceWriter(std::string header_path, std::string data_path, AtomicFile header_file, AtomicFile data)
    : header_path_(std::move(header_path)),
      data_path_(std::move(data_path)),
      header_file_(std::move(header_file)),
      data_(std::move(data)) {
  header_.data = std::filesystem::path(data_path_).filename().string();
}

absl::StatusOr<size_t> TraceWriter::Add(const RecordId& id, int64_t first_position, uint64_t rows, uint64_t width) {
  BITNET_ASSIGN_OR_RETURN(TraceRecord record, MakeRecord(id, first_position, rows, width, header_.data_bytes));
  header_.data_bytes += record.bytes();
  header_.records.push_back(std::move(record));
  progress_.emplace_back();
  return header_.records.size() - 1;
}

absl::Status TraceWriter::Append(size_t record, std::span<const float> rows) {
  const TraceRecord& target = header_.records[record];
  Progress& progress = progress_[record];
  CHECK(rows.size() % target.width == 0 && rows.size_bytes() <= target.bytes() - progress.written);
  BITNET_RETURN_IF_ERROR(data_.WriteAt(target.offset + progress.written, BytesOf(rows)));
  progress.hash.Update(BytesOf(rows));
  progress.written += rows.size_bytes();
  return absl::OkStatus();
}

absl::Status TraceWriter::Finish(std::string_view producer, std::string_view model, std::vector<int32_t> ids) {
  if (header_.records.empty()) return absl::InternalError("a trace without records");
  for (size_t i = 0; i < header_.records.size(); ++i) {
    if (progress_[i].written != header_.records[i].bytes()) {
      return Unfinished(header_.records[i], progress_[i].written);
    }
    header_.records[i].sha256 = ToHex(progress_[i].hash.Finish());
  }
  header_.producer = HeaderText(producer);
  header_.model = HeaderText(model);
  header_.ids = std::move(ids);
  const std::string text = WriteTraceHeader(header_);
  // What cannot be read must not be written.
  if (const absl::Status readable = ParseTraceHeader(text).status(); !readable.ok()) {
    return absl::Status(readable.code(), absl::StrCat(header_path_, ": ", readable.message(),
                                                      "; no trace is written, choose fewer values or tokens"));
  }
  BITNET_RETURN_IF_ERROR(header_file_.Write(text));
  BITNET_RETURN_IF_ERROR(data_.Commit());
  return header_file_.Commit();
}

absl::StatusOr<NpyWriter> NpyWriter::Create(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  return NpyWriter(std::move(file));
}

absl::StatusOr<size_t> NpyWriter::Add(const RecordId& id, int64_t first_position, uint64_t rows, uint64_t width) {
  if (record_.rows != 0) {
    return absl::InvalidArgumentError(absl::StrCat("a .npy file holds one value, got ", record_.id.Name(), " and ",
                                                   id.Name(),
                                                   "; choose one with --ops and --layers, or write a trace"));
  }
  BITNET_ASSIGN_OR_RETURN(record_, MakeRecord(id, first_position, rows, width, 0));
  return 0;
}

absl::Status NpyWriter::Append(size_t record, std::span<const float> rows) {
  CHECK(record == 0 && rows.size() % record_.width == 0);
  values_.insert(values_.end(), rows.begin(), rows.end());
  return absl::OkStatus();
}

absl::Status NpyWriter::Finish() {
  const std::span<const uint8_t> bytes = BytesOf(values_);
  if (bytes.empty() || bytes.size() != record_.bytes()) return Unfinished(record_, bytes.size());
  const uint64_t shape[] = {record_.rows, record_.width};
  BITNET_RETURN_IF_ERROR(file_.Write(NpyPreamble(Dtype::kF32, shape)));
  BITNET_RETURN_IF_ERROR(file_.Write(bytes));
  return file_.Commit();
}

}  // namespace bitnet
