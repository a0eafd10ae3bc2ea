// Any bytes as the header of a trace: records that lie inside the data, or an error that says something.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/arrays/trace_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto id = bitnet::ParseRecordName(text); id.ok()) CHECK_EQ(id->Name(), text);
  const absl::StatusOr<bitnet::TraceHeader> header = bitnet::ParseTraceHeader(text);
  if (!header.ok()) {
    CHECK(!header.status().message().empty());
    return 0;
  }
  CHECK(!header->records.empty());
  for (const bitnet::TraceRecord& record : header->records) {
    CHECK(record.rows > 0 && record.width > 0);
    CHECK(record.bytes() / record.rows / record.width == sizeof(float));
    CHECK(record.bytes() <= header->data_bytes && record.offset <= header->data_bytes - record.bytes());
  }
  // What we write of it reads back as the same header.
  const std::string written = bitnet::WriteTraceHeader(*header);
  const absl::StatusOr<bitnet::TraceHeader> again = bitnet::ParseTraceHeader(written);
  CHECK(again.ok()) << again.status();
  CHECK_EQ(bitnet::WriteTraceHeader(*again), written);
  return 0;
}
