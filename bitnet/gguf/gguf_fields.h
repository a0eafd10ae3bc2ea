// Fields of a GGUF directory: names and typed values, as the parser meets them.

#ifndef BITNET_GGUF_GGUF_FIELDS_H_
#define BITNET_GGUF_GGUF_FIELDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/gguf/gguf_file.h"

namespace bitnet {

// A key or a tensor name: u64 length, then 1 to `limit` bytes. Errors call it `what`.
absl::StatusOr<std::string_view> ReadGgufName(ByteReader& reader, std::string_view what, uint64_t limit);

// u32 type, then the value. An array's count is checked against the remaining bytes before anything is allocated.
absl::StatusOr<GgufValue> ReadGgufValue(ByteReader& reader);

// Outside text for an error: quoted, escaped, and cut because a key may have 64 KiB.
std::string QuoteOutsideText(std::string_view text);

// Says in which part of the file a lower-level error happened.
absl::Status Within(const absl::Status& status, std::string_view place);

}  // namespace bitnet

#endif  // BITNET_GGUF_GGUF_FIELDS_H_
