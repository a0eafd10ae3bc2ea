// .npy files: what NumPy writes is read, what we write is what NumPy writes, and everything else is refused by name.

#include "bitnet/arrays/npy.h"

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/arrays/array_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::span<const uint8_t> BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string File(int version, const std::string& header, const std::string& data) {
  std::string file = absl::StrCat("\x93NUMPY", std::string(1, static_cast<char>(version)), std::string(1, '\0'));
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file.push_back(static_cast<char>(header.size() >> (8 * i)));
  return file + header + data;
}

template <typename T>
std::string Raw(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

constexpr char kHeader[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

TEST(Npy, PreambleIsByteForByteWhatNumpySaves) {
  // numpy.save of a float32 array of shape (2, 3), as NumPy 1.9 and later write it: 128 bytes before the elements in
  // older ones, 64-byte alignment in all.
  const uint64_t shape[] = {2, 3};
  const std::string preamble = NpyPreamble(Dtype::kF32, shape);
  EXPECT_EQ(preamble.size(), 128u);
  EXPECT_EQ(preamble.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(preamble.substr(10), kHeader + std::string(118 - 1 - sizeof(kHeader) + 1, ' ') + "\n");
  EXPECT_THAT(NpyPreamble(Dtype::kI64, std::vector<uint64_t>{5}),
              HasSubstr("'<i8', 'fortran_order': False, 'shape': (5,), }"));
  EXPECT_THAT(NpyPreamble(Dtype::kI64, {}), HasSubstr("'shape': (), }"));
}

TEST(Npy, ReadsEveryVersionAndType) {
  const std::string header = absl::StrCat(kHeader, "\n");
  const std::string data = Raw<float>({1, -2, 3.5f, 0, 1e-20f, 6});
  for (int version : {1, 2, 3}) {
    const std::string file = File(version, header, data);
    const auto array = ParseNpy(BytesOf(file));
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->dtype, Dtype::kF32);
    EXPECT_THAT(array->shape, ElementsAre(2, 3));
    std::vector<double> values(4);
    CopyAsDouble(*array, 2, values);
    EXPECT_THAT(values, ElementsAre(3.5, 0, static_cast<double>(1e-20f), 6));
  }
  const auto read = [](const std::string& descr, const std::string& bytes, size_t count) {
    const std::string file =
        File(1, absl::StrCat("{\"descr\":\"", descr, "\",'shape':(", count, ",),'fortran_order':False}"), bytes);
    const auto array = ParseNpy(BytesOf(file));
    EXPECT_TRUE(array.ok()) << array.status();
    std::vector<double> values(count);
    if (array.ok()) CopyAsDouble(*array, 0, values);
    return values;
  };
  EXPECT_THAT(read("<f2", Raw<uint16_t>({0x3c00, 0xc000}), 2), ElementsAre(1, -2));
  EXPECT_THAT(read("<f8", Raw<double>({0.1, -7}), 2), ElementsAre(0.1, -7));
  EXPECT_THAT(read("<i4", Raw<int32_t>({5, -6}), 2), ElementsAre(5, -6));
  EXPECT_THAT(read("<i8", Raw<int64_t>({int64_t{1} << 40, -1}), 2), ElementsAre(1099511627776.0, -1));
}

TEST(Npy, WritesWhatItReads) {
  const std::string data = Raw<float>({1, 2, 3, 4, 5, 6});
  const uint64_t shape[] = {3, 2};
  const std::string file = NpyPreamble(Dtype::kF32, shape) + data;
  const auto array = ParseNpy(BytesOf(file));
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(array->shape, ElementsAre(3, 2));
  EXPECT_EQ(std::string(array->bytes.begin(), array->bytes.end()), data);
}

TEST(Npy, WhatItIsNotIsRefusedByName) {
  const auto error = [](const std::string& header, size_t bytes = 24) {
    const std::string file = File(1, header, std::string(bytes, '\0'));
    return std::string(ParseNpy(BytesOf(file)).status().message());
  };
  const auto with = [](const std::string& descr, const std::string& order, const std::string& shape) {
    return absl::StrCat("{'descr': ", descr, ", 'fortran_order': ", order, ", 'shape': ", shape, "}");
  };
  EXPECT_EQ(error(with("'<f4'", "False", "(2, 3)")), "");
  EXPECT_THAT(error(with("'<f4'", "True", "(2, 3)")), HasSubstr("expected C order, got Fortran order"));
  EXPECT_THAT(error(with("'>f4'", "False", "(2, 3)")), HasSubstr("got big-endian \">f4\""));
  EXPECT_THAT(error(with("'|O'", "False", "(2, 3)")), HasSubstr("got \"|O\""));
  EXPECT_THAT(error(with("'<c8'", "False", "(3,)")), HasSubstr("got \"<c8\""));
  EXPECT_THAT(error(with("[('a', '<f4')]", "False", "(6,)")), HasSubstr("structured types"));
  EXPECT_THAT(error(with("'<f4'", "Maybe", "(6,)")), HasSubstr("expected \"False\", got \"Maybe"));
  EXPECT_THAT(error(with("'<f4'", "False", "(6)")), HasSubstr("after the only extent"));
  EXPECT_THAT(error(with("'<f4'", "False", "(-6,)")), HasSubstr("expected an extent, got \"-6"));
  EXPECT_THAT(error(with("'<f4'", "False", "6")), HasSubstr("expected \"(\", got \"6}\""));
  EXPECT_THAT(error(with("'<f4'", "False", "(1,1,1,1,1,1,1,1,6)")), HasSubstr("at most 8 dimensions"));
  EXPECT_THAT(error(with("'<f4'", "False", "(9999999999999999,)")), HasSubstr("below 10^15"));
  EXPECT_THAT(error(with("'<f4'", "False", "(999999999999999, 999999999999999)")),
              HasSubstr("expected an array of at most"));
  EXPECT_THAT(error(with("'<f4'", "False", "(2, 3)"), 20), HasSubstr("expected 24 bytes for <f4 [2][3], got 20"));
  EXPECT_THAT(error(with("'<f4'", "False", "(2, 3)"), 28), HasSubstr("got 28"));
  EXPECT_THAT(error("{'descr': '<f4', 'shape': (6,)}"), HasSubstr("got 2 of them"));
  EXPECT_THAT(error("{'descr': '<f4', 'descr': '<f4'}"), HasSubstr("\"descr\" twice"));
  EXPECT_THAT(error("{'dtype': '<f4'}"), HasSubstr("got \"dtype\""));
  EXPECT_THAT(error("{'descr': '<f4"), HasSubstr("a short string"));
  EXPECT_THAT(error(std::string(kHeader) + "x"), HasSubstr("expected the end"));
  EXPECT_THAT(error(""), HasSubstr("expected \"{\", got the end"));
}

TEST(Npy, ContainersThatLieAreRefused) {
  const auto error = [](const std::string& file) { return std::string(ParseNpy(BytesOf(file)).status().message()); };
  const std::string good = File(1, kHeader, std::string(24, '\0'));
  EXPECT_EQ(error(good), "");
  EXPECT_THAT(error(""), HasSubstr("truncated input: .npy magic at offset 0 needs 6 bytes, 0 left"));
  EXPECT_THAT(error("PK\x03\x04xxxxxxxx"), HasSubstr("not a .npy file"));
  EXPECT_THAT(error(File(4, kHeader, "")), HasSubstr("expected 1.0, 2.0 or 3.0, got 4.0"));
  EXPECT_THAT(error(std::string(good).replace(7, 1, "\x01")), HasSubstr("got 1.1"));
  EXPECT_THAT(error(std::string(good).replace(8, 2, "\xff\x1f")), HasSubstr(".npy header at offset 10 needs 8191"));
  EXPECT_THAT(error(std::string(good).replace(8, 2, "\xff\xff")), HasSubstr("at most 10000 bytes, got 65535"));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_NE(error(good.substr(0, size)), "") << size;
}

TEST(ArrayView, IdsAreWholeAndInRange) {
  const auto ids = [](Dtype dtype, const std::string& bytes, std::vector<uint64_t> shape) {
    return CopyAsIds({.dtype = dtype, .shape = std::move(shape), .bytes = BytesOf(bytes)});
  };
  EXPECT_THAT(*ids(Dtype::kI64, Raw<int64_t>({7, 2147483647}), {2}), ElementsAre(7, 2147483647));
  EXPECT_THAT(*ids(Dtype::kI32, Raw<int32_t>({0}), {1}), ElementsAre(0));
  EXPECT_THAT(ids(Dtype::kI64, Raw<int64_t>({7, 2147483648}), {2}).status().message(),
              HasSubstr("token id 1: expected 0..2^31-1, got 2147483648"));
  EXPECT_THAT(ids(Dtype::kI32, Raw<int32_t>({-1}), {1}).status().message(), HasSubstr("got -1"));
  EXPECT_FALSE(ids(Dtype::kI32, "", {0}).ok());
  EXPECT_FALSE(ids(Dtype::kF32, Raw<float>({1}), {1}).ok());
  EXPECT_FALSE(ids(Dtype::kI32, Raw<int32_t>({1, 2}), {1, 2}).ok());
}

TEST(ArrayView, SizesDoNotWrapAround) {
  EXPECT_EQ(*ArrayBytes(Dtype::kF64, std::vector<uint64_t>{3, 4}, "x"), 96u);
  EXPECT_EQ(*ArrayBytes(Dtype::kF64, {}, "x"), 8u);
  EXPECT_EQ(*ArrayBytes(Dtype::kF32, std::vector<uint64_t>{0, UINT64_MAX >> 20}, "x"), 0u);
  EXPECT_FALSE(ArrayBytes(Dtype::kF32, std::vector<uint64_t>{0, UINT64_MAX}, "x").ok()) << "refused even when empty";
  EXPECT_FALSE(ArrayBytes(Dtype::kF32, std::vector<uint64_t>{uint64_t{1} << 32, uint64_t{1} << 32}, "x").ok());
}

}  // namespace
}  // namespace bitnet
