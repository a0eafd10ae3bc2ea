#include "bitnet/gguf/gguf_writer.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/gguf/gguf_cases.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/tensor/tensor_type.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

std::string TempPath(std::string_view name) { return std::string(testing::TempDir()) + "/" + std::string(name); }

std::vector<uint8_t> Ramp(size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + 1);
  return bytes;
}

std::string FileBytes(const std::string& path) {
  absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  EXPECT_TRUE(file.ok()) << file.status();
  return std::string(file->bytes().begin(), file->bytes().end());
}

// The whole format in one file, spelled out.
TEST(GgufWriterTest, WritesExactlyTheseBytes) {
  GgufWriter writer;
  writer.AddU32("n", 258);
  const uint64_t dims[] = {2};
  ASSERT_TRUE(writer.AddTensor("t", TensorType::kF32, dims).ok());
  const std::string path = TempPath("exact.gguf");
  ASSERT_TRUE(writer.Begin(path).ok());
  const std::vector<uint8_t> data = {1, 2, 3, 4, 5, 6, 7, 8};
  ASSERT_TRUE(writer.WriteTensorData(data).ok());
  ASSERT_TRUE(writer.Finish().ok());

  std::string expected("GGUF\3\0\0\0", 8);
  expected += std::string("\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 16);           // one tensor, one pair
  expected += std::string("\1\0\0\0\0\0\0\0n\4\0\0\0\2\1\0\0", 17);          // "n", u32, 258
  expected += std::string("\1\0\0\0\0\0\0\0t\1\0\0\0\2\0\0\0\0\0\0\0", 21);  // "t", one dim, 2
  expected += std::string("\0\0\0\0\0\0\0\0\0\0\0\0", 12);                   // F32, offset 0
  expected.resize(96, '\0');                                                 // 74 -> next multiple of 32
  expected += "\1\2\3\4\5\6\7\10";
  expected.resize(128, '\0');
  EXPECT_EQ(FileBytes(path), expected);
}

// What stands under the path stays until Finish, while the new file can be read already.
TEST(GgufWriterTest, TheCompleteFileCanBeReadBeforeItHasItsName) {
  const std::string path = TempPath("complete.gguf");
  ASSERT_TRUE(WriteFileAtomically(path, "what stood there").ok());
  const auto write = [&](bool finish) -> std::string {
    GgufWriter writer;
    writer.AddU32("n", 258);
    const uint64_t dims[] = {2};
    EXPECT_TRUE(writer.AddTensor("t", TensorType::kF32, dims).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(writer.Complete().status()));
    EXPECT_TRUE(writer.Begin(path).ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(writer.Complete().status())) << "the tensor has no data";
    EXPECT_TRUE(writer.WriteTensorData(std::vector<uint8_t>(8, 7)).ok());
    const absl::StatusOr<std::string> readable = writer.Complete();
    EXPECT_TRUE(readable.ok()) << readable.status();
    std::string bytes = FileBytes(*readable);
    EXPECT_EQ(bytes.size(), writer.FileSize());
    EXPECT_EQ(FileBytes(path), "what stood there");
    if (finish) {
      EXPECT_TRUE(writer.Finish().ok());
    }
    return bytes;
  };
  write(false);
  EXPECT_EQ(FileBytes(path), "what stood there");
  const std::string complete = write(true);
  EXPECT_EQ(FileBytes(path), complete);
}

TEST(GgufWriterTest, RoundTripsThroughTheReader) {
  GgufWriter writer;
  writer.AddString("general.architecture", "bitnet-b1.58");
  writer.AddU32("u", 4294967295u);
  writer.AddF32("f", 1e-5f);
  writer.AddBool("yes", true);
  writer.AddBool("no", false);
  const std::vector<std::string> strings = {"", "\xC4\xA0the", std::string("a\0b", 3)};
  writer.AddStringArray("strings", strings);
  const std::vector<int32_t> ints = {-1, 0, 2147483647};
  writer.AddI32Array("ints", ints);
  const std::vector<float> floats = {-0.0f, 1.5f};
  writer.AddF32Array("floats", floats);
  const uint64_t ternary[] = {128, 3};
  const uint64_t norm[] = {5};
  const uint64_t embedding[] = {4, 2};
  ASSERT_TRUE(writer.AddTensor("a", TensorType::kI2S, ternary).ok());
  ASSERT_TRUE(writer.AddTensor("b", TensorType::kF32, norm).ok());
  ASSERT_TRUE(writer.AddTensor("c", TensorType::kF16, embedding).ok());

  const std::string path = TempPath("roundtrip.gguf");
  ASSERT_TRUE(writer.Begin(path).ok());
  const std::vector<uint8_t> a = Ramp(128), b = Ramp(20), c = Ramp(16);
  for (size_t i = 0; i < a.size(); i += 50) {  // pieces need not match anything
    ASSERT_TRUE(writer.WriteTensorData(std::span(a).subspan(i, std::min<size_t>(50, a.size() - i))).ok());
  }
  ASSERT_TRUE(writer.WriteTensorData(b).ok());
  ASSERT_TRUE(writer.WriteTensorData(c).ok());
  const uint64_t size = writer.FileSize();
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_EQ(std::filesystem::file_size(path), size);

  absl::StatusOr<MappedFile> mapped = MappedFile::Open(path);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  absl::StatusOr<GgufFile> file = GgufFile::Parse(mapped->bytes());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->version(), 3u);
  EXPECT_EQ(file->metadata().size(), 8u);
  EXPECT_EQ(*file->GetString("general.architecture"), "bitnet-b1.58");
  EXPECT_EQ(*file->GetU64("u"), 4294967295u);
  EXPECT_EQ(*file->GetF32("f"), 1e-5f);
  EXPECT_TRUE(*file->GetBool("yes"));
  EXPECT_FALSE(*file->GetBool("no"));
  const GgufArray& read_strings = **file->GetArray("strings", GgufType::kString);
  EXPECT_EQ(std::vector<std::string>(read_strings.strings.begin(), read_strings.strings.end()), strings);
  EXPECT_EQ((*file->GetArray("ints", GgufType::kI32))->count, 3u);
  const std::span<const uint8_t> raw = (*file->GetArray("floats", GgufType::kF32))->raw;
  EXPECT_EQ(std::vector<uint8_t>(raw.begin(), raw.end()), (std::vector<uint8_t>{0, 0, 0, 0x80, 0, 0, 0xC0, 0x3F}));

  const std::vector<uint8_t>* expected[] = {&a, &b, &c};
  ASSERT_EQ(file->tensors().size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const GgufTensor& tensor = file->tensors()[i];
    EXPECT_EQ(tensor.offset % gguf_limits::kDefaultAlignment, 0u) << tensor.name;
    EXPECT_EQ(std::vector<uint8_t>(tensor.data.begin(), tensor.data.end()), *expected[i]) << tensor.name;
  }
}

TEST(GgufWriterTest, BytesDoNotDependOnThePieces) {
  const uint64_t dims[] = {1 << 20};  // 4 MiB: larger than the buffer
  const std::vector<uint8_t> data = Ramp(4 << 20);
  std::string first;
  for (const size_t piece : {size_t{4} << 20, size_t{1} << 20, size_t{99'991}}) {
    GgufWriter writer;
    writer.AddString("k", "v");
    ASSERT_TRUE(writer.AddTensor("t", TensorType::kF32, dims).ok());
    const std::string path = TempPath("pieces.gguf");
    ASSERT_TRUE(writer.Begin(path).ok());
    for (size_t i = 0; i < data.size(); i += piece) {
      ASSERT_TRUE(writer.WriteTensorData(std::span(data).subspan(i, std::min(piece, data.size() - i))).ok());
    }
    ASSERT_TRUE(writer.Finish().ok());
    const std::string bytes = FileBytes(path);
    if (first.empty()) first = bytes;
    EXPECT_EQ(bytes, first) << "pieces of " << piece;
  }
}

TEST(GgufWriterTest, RefusesBadTensors) {
  GgufWriter writer;
  const uint64_t odd[] = {100, 4}, zero[] = {0}, many[] = {1, 1, 1, 1, 1}, huge[] = {1ull << 40, 1ull << 40},
                 one[] = {1};
  EXPECT_EQ(writer.AddTensor("t", TensorType::kI2S, odd).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.AddTensor("t", TensorType::kF32, zero).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.AddTensor("t", TensorType::kF32, many).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.AddTensor("t", TensorType::kF32, huge).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(writer.AddTensor("t", static_cast<TensorType>(998), one).code(), absl::StatusCode::kUnimplemented);
  EXPECT_TRUE(writer.AddTensor("t", TensorType::kF32, one).ok());
  EXPECT_EQ(writer.AddTensor("t", TensorType::kF32, one).code(), absl::StatusCode::kInvalidArgument);
}

TEST(GgufWriterTest, RefusesTooMuchAndTooLittleDataAndLeavesNothing) {
  const std::string folder = TempPath("incomplete");
  std::filesystem::create_directory(folder);
  {
    GgufWriter writer;
    const uint64_t dims[] = {2};
    ASSERT_TRUE(writer.AddTensor("t", TensorType::kF32, dims).ok());
    const std::vector<uint8_t> nine(9), four(4);
    EXPECT_EQ(writer.WriteTensorData(four).code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(writer.Finish().code(), absl::StatusCode::kFailedPrecondition);
    ASSERT_TRUE(writer.Begin(folder + "/t.gguf").ok());
    EXPECT_EQ(writer.AddTensor("u", TensorType::kF32, dims).code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(writer.WriteTensorData(nine).code(), absl::StatusCode::kOutOfRange);
    ASSERT_TRUE(writer.WriteTensorData(four).ok());
    EXPECT_EQ(writer.Finish().code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(GgufWriterDeathTest, AKeyTwiceIsAProgrammingError) {
  GgufWriter writer;
  writer.AddU32("k", 1);
  EXPECT_DEATH(writer.AddBool("k", true), "given twice: k");
}

// Every pair and tensor of a file with every value type, copied at another alignment.
TEST(GgufWriterTest, RawPairsAreTheSameBytes) {
  const std::vector<uint8_t> bytes = ValidGguf();
  const absl::StatusOr<GgufFile> file = GgufFile::Parse(bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  GgufWriter writer;
  writer.SetAlignment(128);
  ASSERT_EQ(file->raw_values().size(), file->metadata().size());
  for (size_t i = 0; i < file->metadata().size(); ++i) {
    if (file->metadata()[i].first == "general.alignment") continue;
    writer.AddRaw(file->metadata()[i].first, file->raw_values()[i]);
  }
  writer.AddU32("general.alignment", 128);
  const uint64_t dims[] = {5};
  for (const char* name : {"a", "b"}) ASSERT_TRUE(writer.AddTensor(name, TensorType::kF32, dims).ok());
  const std::string path = TempPath("raw.gguf");
  ASSERT_TRUE(writer.Begin(path).ok());
  ASSERT_TRUE(writer.WriteTensorData(Ramp(20)).ok());
  ASSERT_TRUE(writer.WriteTensorData(Ramp(20)).ok());
  ASSERT_TRUE(writer.Finish().ok());

  const std::string copy_bytes = FileBytes(path);
  EXPECT_EQ(copy_bytes.size() % 128, 0u);
  const absl::StatusOr<GgufFile> copy =
      GgufFile::Parse({reinterpret_cast<const uint8_t*>(copy_bytes.data()), copy_bytes.size()});
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(copy->alignment(), 128u);
  EXPECT_EQ(copy->tensors()[1].offset, 128u);
  size_t next = 0;
  for (size_t i = 0; i < file->metadata().size(); ++i) {
    if (file->metadata()[i].first == "general.alignment") continue;
    EXPECT_EQ(copy->metadata()[next].first, file->metadata()[i].first);
    const std::span<const uint8_t> a = file->raw_values()[i], b = copy->raw_values()[next];
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << file->metadata()[i].first;
    ++next;
  }
  EXPECT_GT(next, 12u) << "all value types";
}

}  // namespace
}  // namespace bitnet
