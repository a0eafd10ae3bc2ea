#include "bitnet/gguf/gguf_cases.h"

#include "bitnet/gguf/gguf_bytes.h"

namespace bitnet {
namespace {

constexpr uint64_t kHuge = uint64_t{1} << 63;

GgufBytes OneTensor(std::initializer_list<uint64_t> dims, TensorType type, uint64_t offset) {
  GgufBytes file;
  return file.Header(1, 0).Tensor("a", dims, type, offset).Pad();
}

GgufBytes TwoTensors(uint64_t second_offset) {
  GgufBytes file;
  return file.Header(2, 0)
      .Tensor("a", {16}, TensorType::kF32, 0)
      .Tensor("b", {16}, TensorType::kF32, second_offset)
      .Pad()
      .Data(192);
}

GgufBytes Alignment(uint32_t alignment) {
  return GgufBytes().Header(0, 1).Key("general.alignment", GgufType::kU32).Put(alignment);
}

}  // namespace

std::vector<uint8_t> ValidGguf() {
  return GgufBytes()
      .Header(4, 16)
      .Key("general.architecture", GgufType::kString)
      .String("bitnet-b1.58")
      .Key("general.alignment", GgufType::kU32)
      .Put(uint32_t{32})
      .Key("u8", GgufType::kU8)
      .Put(uint8_t{200})
      .Key("i8", GgufType::kI8)
      .Put(int8_t{-100})
      .Key("u16", GgufType::kU16)
      .Put(uint16_t{60000})
      .Key("i16", GgufType::kI16)
      .Put(int16_t{-30000})
      .Key("i32", GgufType::kI32)
      .Put(int32_t{-2000000000})
      .Key("f32", GgufType::kF32)
      .Put(1e-5f)
      .Key("true", GgufType::kBool)
      .Put(uint8_t{1})
      .Key("u64", GgufType::kU64)
      .Put(kHuge)
      .Key("i64", GgufType::kI64)
      .Put(int64_t{-5})
      .Key("f64", GgufType::kF64)
      .Put(1e300)
      .Key("strings", GgufType::kArray)
      .Array(GgufType::kString, 3)
      .String("one")
      .String("")
      .String("drei")
      .Key("i32s", GgufType::kArray)
      .Array(GgufType::kI32, 2)
      .Put(int32_t{-1})
      .Put(int32_t{7})
      .Key("bools", GgufType::kArray)
      .Array(GgufType::kBool, 2)
      .Put(uint8_t{0})
      .Put(uint8_t{1})
      .Key("empty", GgufType::kArray)
      .Array(GgufType::kString, 0)
      .Tensor("f32.weight", {3, 5}, TensorType::kF32, 0)
      .Tensor("i2s.weight", {128, 2}, TensorType::kI2S, 64)
      .Tensor("new.weight", {128}, static_cast<TensorType>(998), 160)
      .Tensor("f16.weight", {1, 2, 3, 4}, TensorType::kF16, 192)
      .Pad()
      .Data(240)
      .bytes();
}

std::vector<GgufCase> GgufCases() {
  std::vector<GgufCase> cases;
  const auto add = [&cases](std::string name, std::string error, const GgufBytes& file) {
    cases.push_back({std::move(name), std::move(error), file.bytes()});
  };
  cases.push_back({"valid", "", ValidGguf()});
  add("valid_empty", "", GgufBytes().Header(0, 0));
  add("valid_version_2", "", GgufBytes().Header(0, 0, 2));
  add("valid_unknown_type", "", OneTensor({7}, static_cast<TensorType>(999), 0).Data(1));
  add("valid_gap", "", TwoTensors(128));
  add("valid_reversed", "",
      GgufBytes()
          .Header(2, 0)
          .Tensor("a", {4}, TensorType::kF32, 32)
          .Tensor("b", {4}, TensorType::kF32, 0)
          .Pad()
          .Data(48));
  add("magic", "header: magic at offset 0: expected \"GGUF\"", GgufBytes().Put(uint32_t{0x47475547}).Put(uint64_t{3}));
  add("version_1", "header: version at offset 4: expected 2 or 3, got 1", GgufBytes().Header(0, 0, 1));
  add("version_4", "header: version at offset 4: expected 2 or 3, got 4", GgufBytes().Header(0, 0, 4));
  add("big_endian", "big-endian", GgufBytes().Header(0, 0, 0x03000000));
  add("tensor_count_huge", "header: tensor count: expected at most 65536, got 9223372036854775808",
      GgufBytes().Header(kHuge, 0));
  add("tensor_count_lie", "header: tensor count: 65536 need at least", GgufBytes().Header(65536, 0));
  add("pair_count_huge", "header: key-value count: expected at most 65536, got 9223372036854775808",
      GgufBytes().Header(0, kHuge));
  add("pair_count_lie", "header: key-value count: 65536 need at least", GgufBytes().Header(0, 65536).Data(64));
  add("tensor_count_after_pairs", "header: tensor count: 1 need at least 33 bytes from offset 43",
      GgufBytes().Header(1, 1).Key("key", GgufType::kU32).Put(uint32_t{1}).Data(32));
  add("key_empty", "metadata pair 0 of 1: key at offset 24: expected 1 to 65535 bytes, got 0",
      GgufBytes().Header(0, 1).Key("", GgufType::kU64).Put(uint64_t{1}));
  add("key_length_lie", "metadata pair 0 of 1: truncated input: key at offset 32 needs 9223372036854775808 bytes",
      GgufBytes().Header(0, 1).Put(kHuge).Data(16));
  add("key_twice", "metadata key \"twin\" at offset 41: expected unique keys",
      GgufBytes().Header(0, 2).Key("twin", GgufType::kU8).Put(uint8_t{1}).Key("twin", GgufType::kU8).Put(uint8_t{1}));
  add("key_escaped", "metadata key \"a\\n\\x1b\": value type",
      GgufBytes().Header(0, 1).Key("a\n\x1b", static_cast<GgufType>(13)).Put(uint8_t{1}));
  add("value_type", "metadata key \"key\": value type at offset 35: expected 0 to 12, got 4294967295",
      GgufBytes().Header(0, 1).Key("key", static_cast<GgufType>(0xffffffff)).Put(uint8_t{1}));
  add("bool_value", "metadata key \"key\": bool at offset 39: expected 0 or 1, got 2",
      GgufBytes().Header(0, 1).Key("key", GgufType::kBool).Put(uint8_t{2}));
  add("bool_in_array", "metadata key \"key\": bool at offset 52: expected 0 or 1, got 255",
      GgufBytes()
          .Header(0, 1)
          .Key("key", GgufType::kArray)
          .Array(GgufType::kBool, 2)
          .Put(uint8_t{1})
          .Put(uint8_t{255}));
  add("string_length_lie", "metadata key \"key\": truncated input: string value",
      GgufBytes().Header(0, 1).Key("key", GgufType::kString).Put(~uint64_t{0}).Data(8));
  add("array_of_arrays", "metadata key \"key\": array of arrays at offset 43: nested arrays are not read",
      GgufBytes().Header(0, 1).Key("key", GgufType::kArray).Array(GgufType::kArray, 1).Array(GgufType::kU8, 0));
  add("array_type", "metadata key \"key\": array element type at offset 39: expected 0 to 12, got 77",
      GgufBytes().Header(0, 1).Key("key", GgufType::kArray).Array(static_cast<GgufType>(77), 1));
  add("array_count_huge", "metadata key \"key\": array count at offset 43: 9223372036854775808 items",
      GgufBytes().Header(0, 1).Key("key", GgufType::kArray).Array(GgufType::kU64, kHuge).Data(64));
  add("array_count_lie", "metadata key \"key\": array count at offset 43: 9 items of at least 8 bytes, 64 bytes left",
      GgufBytes().Header(0, 1).Key("key", GgufType::kArray).Array(GgufType::kString, 9).Data(64));
  add("array_string_lie", "metadata key \"key\": array item 1 of 2: truncated input: string at offset 67",
      GgufBytes().Header(0, 1).Key("key", GgufType::kArray).Array(GgufType::kString, 2).String("").Put(kHuge));
  add("alignment_type", "metadata key \"general.alignment\": expected an integer, got string",
      GgufBytes().Header(0, 1).Key("general.alignment", GgufType::kString).String("32"));
  add("alignment_zero", "\"general.alignment\": expected a power of two from 8 to 65536, got 0", Alignment(0));
  add("alignment_odd", "\"general.alignment\": expected a power of two from 8 to 65536, got 48", Alignment(48));
  add("alignment_huge", "\"general.alignment\": expected a power of two from 8 to 65536, got 131072",
      Alignment(131072));
  add("name_long", "tensor 0 of 1: name at offset 24: expected 1 to 64 bytes, got 65",
      GgufBytes().Header(1, 0).Tensor(std::string(65, 'n'), {1}, TensorType::kF32, 0));
  add("name_twice", "tensor \"a\" at offset 57: expected unique names",
      GgufBytes()
          .Header(2, 0)
          .Tensor("a", {1}, TensorType::kF32, 0)
          .Tensor("a", {1}, TensorType::kF32, 32)
          .Pad()
          .Data(64));
  add("dims_none", "tensor \"a\": dimension count at offset 33: expected 1 to 4, got 0",
      OneTensor({}, TensorType::kF32, 0).Data(16));
  add("dims_five", "tensor \"a\": dimension count at offset 33: expected 1 to 4, got 5",
      OneTensor({1, 1, 1, 1, 1}, TensorType::kF32, 0).Data(16));
  add("dim_zero", "tensor \"a\": dimension 1 at offset 45: expected at least 1",
      OneTensor({4, 0}, TensorType::kF32, 0).Data(16));
  add("elements_overflow", "tensor \"a\": dimension 1 at offset 45: expected at least 1 and fewer than 2^63 elements",
      OneTensor({uint64_t{1} << 32, uint64_t{1} << 32}, TensorType::kF32, 0));
  add("bytes_overflow", "tensor \"a\": size of 4611686018427387904 values of F32 overflows 64 bits",
      OneTensor({uint64_t{1} << 62}, TensorType::kF32, 0));
  add("row_off_block", "tensor \"a\": I2_S needs rows of a multiple of 128 values, got 64",
      OneTensor({64, 4}, TensorType::kI2S, 0).Data(96));
  add("offset_unaligned", "tensor \"a\": data offset at offset 49: expected a multiple of 32, got 4",
      OneTensor({1}, TensorType::kF32, 4).Data(16));
  add("offset_huge", "tensor \"a\" (F32): 4 bytes at data offset 9223372036854775808, but the data section",
      OneTensor({1}, TensorType::kF32, kHuge).Data(16));
  add("data_past_end", "tensor \"a\" (F32): 128 bytes at data offset 0, but the data section at file offset 64 has",
      OneTensor({32}, TensorType::kF32, 0).Data(127));
  add("i2s_tail_missing", "tensor \"a\" (I2_S): 64 bytes at data offset 0",
      OneTensor({128}, TensorType::kI2S, 0).Data(32));
  add("unknown_type_past_end", "tensor \"a\" (type 999): at least 1 bytes at data offset 0",
      OneTensor({7}, static_cast<TensorType>(999), 0));
  add("overlap", "tensors \"a\" and \"b\" overlap: the first ends at data offset 64, the second begins at 32",
      TwoTensors(32));
  add("overlap_same_offset", "overlap", TwoTensors(0));
  return cases;
}

}  // namespace bitnet
