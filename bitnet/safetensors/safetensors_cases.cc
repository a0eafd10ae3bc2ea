#include "bitnet/safetensors/safetensors_cases.h"

#include "absl/strings/str_cat.h"

namespace bitnet {
namespace {

std::vector<uint8_t> WithLength(uint64_t length, std::string_view rest) {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<uint8_t>(length >> (8 * i)));
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

// One tensor "w".
std::string One(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return absl::StrCat(R"({"w":{"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)", offsets, "}}");
}

// Two U8 tensors of 16 bytes, "a" and "b", at these places.
std::string Two(std::string_view first, std::string_view second) {
  return absl::StrCat(R"({"a":{"dtype":"U8","shape":[16],"data_offsets":)", first,
                      R"(},"b":{"dtype":"U8","shape":[16],"data_offsets":)", second, "}}");
}

std::string Nested(std::string_view open, std::string_view close, int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += open;
  text += "1";
  for (int i = 0; i < depth; ++i) text += close;
  return text;
}

}  // namespace

std::vector<uint8_t> SafetensorsBytes(std::string_view header, uint64_t data_bytes) {
  std::vector<uint8_t> bytes = WithLength(header.size(), header);
  for (uint64_t i = 0; i < data_bytes; ++i) bytes.push_back(static_cast<uint8_t>(i));
  return bytes;
}

std::vector<uint8_t> ValidSafetensors() {
  std::string header = R"({"__metadata__":{"format":"pt"},)"
                       R"("model.norm.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},)"
                       R"("q.weight":{"dtype":"U8","shape":[2,8],"data_offsets":[24,40]},)"
                       R"("q.weight_scale":{"dtype":"BF16","shape":[1],"data_offsets":[40,42]},)"
                       R"("one":{"dtype":"I64","shape":[],"data_offsets":[16,24]},)"
                       R"("none":{"dtype":"F16","shape":[3,0],"data_offsets":[42,42]}})";
  while (header.size() % 8 != 0) header.push_back(' ');
  return SafetensorsBytes(header, 42);
}

std::vector<SafetensorsCase> SafetensorsCases() {
  std::vector<SafetensorsCase> cases;
  const auto add = [&](std::string_view name, std::string_view error, std::vector<uint8_t> bytes) {
    cases.push_back({std::string(name), std::string(error), std::move(bytes)});
  };
  const auto header = [&](std::string_view name, std::string_view error, std::string_view text, uint64_t data_bytes) {
    add(name, error, SafetensorsBytes(text, data_bytes));
  };
  add("valid", "", ValidSafetensors());
  header("valid_no_tensor", "", "{}", 0);
  // Writers pad with spaces so that data begins at a multiple of 8; the format does not ask for it.
  header("valid_unpadded", "", One("U8", "[3]", "[0,3]"), 3);
  header("valid_reversed", "", Two("[16,32]", "[0,16]"), 32);
  header("valid_empty_between", "",
         R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
         R"("e":{"dtype":"F32","shape":[0],"data_offsets":[1,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
         2);
  add("empty", "header length at offset 0 needs 8 bytes, 0 left", {});
  add("length_cut", "header length at offset 0 needs 8 bytes, 5 left", {1, 2, 3, 4, 5});
  add("length_beyond_file", "header at offset 8 needs 1000 bytes, 2 left", WithLength(1000, "{}"));
  add("length_beyond_limit", "header length: expected at most 100000000, got 100000001", WithLength(100'000'001, "{}"));
  add("length_huge", "got 18446744073709551615", WithLength(UINT64_MAX, "{}"));
  add("length_zero", "header: not JSON", WithLength(0, "{}"));
  add("length_short", "header: not JSON", WithLength(20, One("U8", "[3]", "[0,3]")));
  add("length_long", "header: not JSON",
      WithLength(One("U8", "[3]", "[0,3]").size() + 2, One("U8", "[3]", "[0,3]") + "abc"));
  header("padded_with_zeros", "header: not JSON", std::string_view("{}\0\0\0\0\0\0", 8), 0);
  header("no_json", "header: not JSON", "GGUF", 0);
  header("array", "header: expected an object, got an array", "[]", 0);
  header("not_utf8", "header: not JSON", "{\"\xff\xfe\":{}}", 0);
  header("half_surrogate", "header: not JSON", R"({"\ud800":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 3);
  header("other_half_surrogate", "header: not JSON", R"({"\ude00":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})",
         3);
  header("byte_order_mark", "header: not JSON", "\xef\xbb\xbf{}", 0);
  header("bomb_arrays", "nested at most 8 deep", Nested("[", "]", 1500), 0);
  header("bomb_objects", "nested at most 8 deep", Nested(R"({"a":)", "}", 500), 0);
  header("bomb_unclosed", "header: not JSON", std::string(3000, '['), 0);
  header("number_huge", "header: not JSON", One("U8", "[1e999]", "[0,3]"), 3);
  header("name_twice", "the name \\\"a\\\" occurs twice",
         R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"a":{"dtype":"U8","shape":[3],"data_offsets":[3,6]}})",
         6);
  header("member_twice", "the name \\\"dtype\\\" occurs twice",
         R"({"a":{"dtype":"U8","dtype":"I8","shape":[3],"data_offsets":[0,3]}})", 3);
  header("name_empty", "expected a name of 1 to 1024 bytes, got 0",
         R"({"":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 3);
  header("name_long", "expected a name of 1 to 1024 bytes, got 1025",
         absl::StrCat("{\"", std::string(1025, 'n'), R"(":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})"), 3);
  header("member_unknown", "expected the members dtype, shape and data_offsets, got \"strides\"",
         R"({"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3],"strides":[1]}})", 3);
  header("tensor_no_object", "tensor \"w\": expected an object, got the number 5", R"({"w":5})", 0);
  header("dtype_missing", "dtype: expected a text, but the member is missing",
         R"({"w":{"shape":[3],"data_offsets":[0,3]}})", 3);
  header("dtype_number", "dtype: expected a text, got the number 7",
         R"({"w":{"dtype":7,"shape":[3],"data_offsets":[0,3]}})", 3);
  header("dtype_unknown", "got \"U4\"", One("U4", "[3]", "[0,3]"), 3);
  header("dtype_lower_case", "got \"bf16\"", One("bf16", "[2]", "[0,4]"), 4);
  header("dtype_lie", "expected 6 bytes for BF16 [3], got 3, [0, 3]", One("BF16", "[3]", "[0,3]"), 3);
  header("shape_missing", "shape: expected an array, but the member is missing",
         R"({"w":{"dtype":"U8","data_offsets":[0,3]}})", 3);
  header("shape_text", "shape: expected an array, got the text \"3\"", One("U8", "\"3\"", "[0,3]"), 3);
  header("shape_negative", "shape: expected integers, 0 or more, got the number -3", One("U8", "[-3]", "[0,3]"), 3);
  header("shape_fraction", "shape: expected integers, 0 or more, got the number 3", One("U8", "[3.0]", "[0,3]"), 3);
  header("shape_nested", "shape: expected integers, 0 or more, got an array", One("U8", "[[3]]", "[0,3]"), 3);
  header("shape_nine", "a shape of at most 8 dimensions", One("U8", "[1,1,1,1,1,1,1,1,3]", "[0,3]"), 3);
  header("shape_lie", "expected 12 bytes for U8 [3, 4], got 3, [0, 3]", One("U8", "[3,4]", "[0,3]"), 3);
  header("shape_overflow", "expected fewer than 2^64 bytes", One("F64", "[4294967296,4294967296]", "[0,0]"), 0);
  header("shape_overflow_hidden", "expected fewer than 2^64 bytes",
         One("U8", "[4294967296,4294967296,4294967296,0]", "[0,0]"), 0);
  header("offsets_missing", "data_offsets: expected an array, but the member is missing",
         R"({"w":{"dtype":"U8","shape":[3]}})", 3);
  header("offsets_one", "expected [begin, end]", One("U8", "[3]", "[3]"), 3);
  header("offsets_three", "expected [begin, end]", One("U8", "[3]", "[0,3,3]"), 3);
  header("offsets_negative", "expected [begin, end]", One("U8", "[3]", "[-1,2]"), 3);
  header("offsets_swapped", "expected begin <= end, got [3, 0]", One("U8", "[3]", "[3,0]"), 3);
  header("offsets_past_end", "expected at most 3 (the bytes after the header), got [1, 4]", One("U8", "[3]", "[1,4]"),
         3);
  header("offsets_huge", "got [18446744073709551612, 18446744073709551615]",
         One("U8", "[3]", "[18446744073709551612,18446744073709551615]"), 3);
  header("overlap", "expected to begin at 16, got 8, which overlaps the tensor before it", Two("[0,16]", "[8,24]"), 24);
  header("overlap_same", "expected to begin at 16, got 0, which overlaps", Two("[0,16]", "[0,16]"), 16);
  header("gap", "expected to begin at 16, got 17, which leaves a gap before it", Two("[0,16]", "[17,33]"), 33);
  header("gap_at_start", "expected to begin at 0, got 4, which leaves a gap", One("U8", "[3]", "[4,7]"), 7);
  header("data_left_over", "expected 3 bytes after the header, where the last tensor ends, got 4",
         One("U8", "[3]", "[0,3]"), 4);
  header("data_without_tensors", "expected 0 bytes after the header", "{}", 16);
  header("metadata_number", "__metadata__.step: expected a text, got the number 5", R"({"__metadata__":{"step":5}})",
         0);
  header("metadata_list", "__metadata__: expected an object, got an array", R"({"__metadata__":[]})", 0);
  return cases;
}

}  // namespace bitnet
