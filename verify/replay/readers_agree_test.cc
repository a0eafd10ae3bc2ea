// Two readers of GGUF, written apart: whatever the auditor's accepts, the engine's accepts and sees the same in it.

#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/gguf/gguf_file.h"
#include "gtest/gtest.h"
#include "verify/independent/gguf_directory.h"

namespace bitnet::verify {
namespace {

using independent::GgufDirectory;
using independent::TensorInfo;

// Whether both read the bytes.
bool Compare(const std::vector<uint8_t>& bytes, const std::string& what) {
  const absl::StatusOr<GgufDirectory> own = GgufDirectory::Read(bytes);
  const absl::StatusOr<GgufFile> other = GgufFile::Parse(bytes);
  if (!own.ok()) return false;
  EXPECT_TRUE(other.ok()) << what << ": " << other.status();
  if (!other.ok()) return false;
  EXPECT_EQ(own->metadata().size(), other->metadata().size()) << what;
  for (const auto& [key, value] : own->metadata()) {
    EXPECT_NE(other->Find(key), nullptr) << what << ": " << key;
    if (const auto number = own->Unsigned(key); number.ok()) {
      EXPECT_EQ(*other->GetU64(key), *number) << what;
    }
    if (const auto text = own->Text(key); text.ok()) {
      EXPECT_EQ(*other->GetString(key), *text) << what;
    }
  }
  EXPECT_EQ(own->tensors().size(), other->tensors().size()) << what;
  for (const TensorInfo& tensor : own->tensors()) {
    const GgufTensor* seen = other->FindTensor(tensor.name);
    EXPECT_NE(seen, nullptr) << what << ": " << tensor.name;
    if (seen == nullptr) continue;
    EXPECT_EQ(seen->dims, tensor.dims) << what;
    EXPECT_EQ(seen->type_id, tensor.type) << what;
    const auto data = own->Data(tensor);
    if (!data.ok()) continue;
    EXPECT_EQ(seen->data.data(), data->data()) << what << ": " << tensor.name;
    EXPECT_EQ(seen->data.size(), data->size()) << what << ": " << tensor.name;
  }
  return true;
}

std::vector<uint8_t> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ReadersAgreeTest, OnASyntheticModel) {
  const TestingModel model("tiny", 5);
  EXPECT_TRUE(Compare(ReadFile(model.path()), "tiny"));
}

// A header with one byte changed, every byte of it in turn.
TEST(ReadersAgreeTest, OnDamagedHeaders) {
  const TestingModel model("nano", 5);
  const std::vector<uint8_t> bytes = ReadFile(model.path());
  const size_t pairs = 2000;
  int agreed = 0;
  for (size_t i = 0; i < pairs; ++i) {
    std::vector<uint8_t> damaged = bytes;
    damaged[i] ^= static_cast<uint8_t>(1u << (i % 8));
    agreed += Compare(damaged, "byte " + std::to_string(i)) ? 1 : 0;
  }
  EXPECT_GT(agreed, 100);
  EXPECT_LT(agreed, 2000);
}

}  // namespace
}  // namespace bitnet::verify
