// Files that other programs wrote. They lie beside the checkout and may be absent: then the tests skip by name.

#include <filesystem>
#include <map>
#include <string>

#include "bitnet/base/mapped_file.h"
#include "bitnet/gguf/gguf_file.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// Tensor counts by file name: two blocks of 7 matrices and 4 norms, the embedding and the last norm; vocabularies
// have none.
const std::map<std::string, size_t>& ExpectedTensors() {
  static const auto& counts = *new std::map<std::string, size_t>{{"tiny-i2_s.gguf", 24},
                                                                 {"tiny-lcpp-tq1_0.gguf", 24},
                                                                 {"tiny-lcpp-tq2_0.gguf", 24},
                                                                 {"ggml-vocab-llama-bpe.gguf", 0},
                                                                 {"ggml-vocab-gpt-2.gguf", 0}};
  return counts;
}

class GgufOutsideTest : public testing::TestWithParam<const char*> {};

TEST_P(GgufOutsideTest, Parses) {
  const std::string folder = std::string("external/shared_data/") + GetParam();
  if (!std::filesystem::is_directory(folder))
    GTEST_SKIP() << "no outside files: @shared_data//:" << GetParam() << " is empty";
  int parsed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".gguf") continue;
    const absl::StatusOr<MappedFile> file = MappedFile::Open(entry.path().string());
    ASSERT_TRUE(file.ok()) << file.status();
    const absl::StatusOr<GgufFile> gguf = GgufFile::Parse(file->bytes());
    ASSERT_TRUE(gguf.ok()) << entry.path() << ": " << gguf.status();
    const auto expected = ExpectedTensors().find(entry.path().filename().string());
    ASSERT_NE(expected, ExpectedTensors().end()) << entry.path() << " is new: add its tensor count";
    EXPECT_EQ(gguf->tensors().size(), expected->second) << entry.path();
    EXPECT_TRUE(gguf->GetString("general.architecture").ok());
    for (const GgufTensor& tensor : gguf->tensors()) EXPECT_FALSE(tensor.data.empty()) << tensor.name;
    ++parsed;
  }
  EXPECT_GT(parsed, 0);
}

INSTANTIATE_TEST_SUITE_P(SharedData, GgufOutsideTest, testing::Values("models", "tokenizer"));

}  // namespace
}  // namespace bitnet
