#include "bitnet/base/byte_reader.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(ByteReaderTest, ReadsLittleEndianValues) {
  const std::vector<uint8_t> bytes = {0x01, 0x02, 0x03, 0xff, 0xfe, 0xff, 0xff, 0xff, 0x00, 0x00, 0x80, 0x3f};
  ByteReader reader(bytes);
  EXPECT_EQ(*reader.Read<uint8_t>("a"), 1);
  EXPECT_EQ(*reader.Read<uint16_t>("b"), 0x0302);
  EXPECT_EQ(*reader.Read<int8_t>("c"), -1);
  EXPECT_EQ(*reader.Read<int32_t>("d"), -2);
  EXPECT_EQ(*reader.Read<float>("e"), 1.0f);
  EXPECT_EQ(reader.offset(), 12u);
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ByteReaderTest, TruncationSaysWhatWhereExpectedAndGot) {
  const std::vector<uint8_t> bytes(10);
  ByteReader reader(bytes);
  ASSERT_TRUE(reader.Read<uint32_t>("head").ok());
  const absl::Status status = reader.Read<uint64_t>("tensor count").status();
  EXPECT_TRUE(absl::IsOutOfRange(status));
  EXPECT_EQ(status.message(), "truncated input: tensor count at offset 4 needs 8 bytes, 6 left");
  EXPECT_EQ(reader.offset(), 4u) << "a failed read must not move";
  EXPECT_TRUE(reader.Read<uint32_t>("next").ok());
}

TEST(ByteReaderTest, ReadBytesIsAViewAndIsChecked) {
  const std::vector<uint8_t> bytes = {1, 2, 3};
  ByteReader reader(bytes);
  EXPECT_TRUE(reader.ReadBytes(0, "nothing")->empty());
  EXPECT_EQ(reader.ReadBytes(2, "two")->data(), bytes.data());
  // Lengths near 2^64 must not wrap.
  for (const uint64_t size : {uint64_t{2}, uint64_t{1} << 63, ~uint64_t{0}, ~uint64_t{0} - 1}) {
    EXPECT_TRUE(absl::IsOutOfRange(reader.ReadBytes(size, "too many").status())) << size;
  }
  EXPECT_EQ(reader.ReadBytes(1, "one")->front(), 3);
}

TEST(ByteReaderTest, EmptyInput) {
  ByteReader reader({});
  EXPECT_TRUE(absl::IsOutOfRange(reader.Read<uint8_t>("byte").status()));
  EXPECT_TRUE(reader.ReadBytes(0, "nothing").ok());
}

}  // namespace
}  // namespace bitnet
