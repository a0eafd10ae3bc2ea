// Any bytes: reading never crashes, and what is read has what the engine counts on.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/log/check.h"
#include "xtask/batch_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto lines = bitnet::xtask::ParseBatchLines(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!lines.ok()) {
    CHECK(!lines.status().message().empty());
    return 0;
  }
  CHECK(!lines->empty());
  size_t before = 0;
  for (const bitnet::xtask::BatchLine& line : *lines) {
    CHECK_GT(line.number, before);
    before = line.number;
    CHECK(line.prompt.has_value() == line.prompt_ids.empty());
    for (const bitnet::TokenId id : line.prompt_ids) CHECK_GE(id, 0);
    if (line.id) CHECK(line.id->is_string() || line.id->is_integer());
  }
  return 0;
}
