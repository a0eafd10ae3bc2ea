// Any texts at all: a tokenizer that our own can be made of, or an error that names the file.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/hf/hf_cases.h"
#include "bitnet/tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view texts(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<bitnet::HfTokenizer> read = bitnet::ReadHfTexts(texts);
  if (!read.ok()) {
    CHECK(!read.status().message().empty());
    return 0;
  }
  CHECK_EQ(read->tokens.size(), read->token_types.size());
  CHECK(bitnet::Tokenizer::Create(read->Data()).ok());
  return 0;
}
