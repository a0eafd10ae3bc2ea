// Traces: what is written row by row reads back, and a pair of files that do not belong together is refused.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/arrays/array_set.h"
#include "bitnet/arrays/trace_header.h"
#include "bitnet/arrays/trace_writer.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name(), ".",
                      name);
}

std::string RawFloats(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

// Two records, written in turns as two chunks of a prompt would be.
TraceWriter WriteExample(const std::string& path, float last = 12) {
  auto writer = TraceWriter::Create(path);
  CHECK(writer.ok()) << writer.status();
  const auto q = writer->Add({3, "q"}, 5, 2, 2);
  const auto logits = writer->Add({{}, "logits"}, 5, 2, 4);
  CHECK(q.ok() && logits.ok());
  CHECK(writer->Append(*q, std::vector<float>{1, 2}).ok());
  CHECK(writer->Append(*logits, std::vector<float>{5, 6, 7, 8}).ok());
  CHECK(writer->Append(*q, std::vector<float>{3, 4}).ok());
  CHECK(writer->Append(*logits, std::vector<float>{9, 10, 11, last}).ok());
  CHECK(writer->Finish("test 1", "model", {7, 8, 9}).ok());
  return *std::move(writer);
}

std::vector<double> Values(const ArrayRecord& record) {
  std::vector<double> values(record.rows * record.width);
  CopyAsDouble(record.data, 0, values);
  return values;
}

TEST(Trace, ReadsBackWhatWasWritten) {
  WriteExample(Path("t.json"));
  const auto set = ArraySet::Open(Path("t.json"), {});
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_EQ(set->records().size(), 2u);
  EXPECT_THAT(set->ids(), ElementsAre(7, 8, 9));
  const ArrayRecord* q = set->Find({3, "q"});
  ASSERT_NE(q, nullptr);
  EXPECT_EQ(q->id.Name(), "layer.3.q");
  EXPECT_EQ(q->first_position, 5);
  EXPECT_THAT(Values(*q), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Values(*set->Find({{}, "logits"})), ElementsAre(5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_EQ(set->Find({2, "q"}), nullptr);
  // The ids of a trace stand for themselves.
  EXPECT_THAT(*ReadIdsFile(Path("t.json")), ElementsAre(7, 8, 9));
}

TEST(Trace, HeaderAndDataOfTwoRunsAreRefused) {
  const TraceWriter first = WriteExample(Path("a"));
  const std::string header = WriteTraceHeader(first.header());
  WriteExample(Path("a"), /*last=*/13);
  ASSERT_TRUE(WriteFileAtomically(first.header_path(), header).ok());
  EXPECT_THAT(ArraySet::Open(Path("a.json"), {}).status().message(),
              HasSubstr("logits: expected bytes of sha256 " + first.header().records[1].sha256));
  ASSERT_TRUE(WriteFileAtomically(first.data_path(), "1234").ok());
  EXPECT_THAT(ArraySet::Open(Path("a.json"), {}).status().message(), HasSubstr("expected 48 bytes as"));
}

TEST(Trace, WithoutAllRowsThereIsNoFile) {
  auto writer = TraceWriter::Create(Path("half"));
  ASSERT_TRUE(writer.ok());
  const auto q = writer->Add({0, "q"}, 0, 2, 2);
  ASSERT_TRUE(writer->Append(*q, std::vector<float>{1, 2}).ok());
  const absl::Status status = writer->Finish("", "", {});
  EXPECT_THAT(status.message(), HasSubstr("layer.0.q: expected 16 bytes of values, got 8"));
  EXPECT_EQ(ArraySet::Open(Path("half.json"), {}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(writer->Add({0, "k"}, 0, 0, 2).ok()) << "a record without rows";
}

// A header that its own reader refuses would be worse than none.
TEST(Trace, WhatIsWrittenCanBeRead) {
  const auto finish = [](const std::string& path, std::string_view producer, std::string_view model,
                         std::vector<int32_t> ids) {
    auto writer = TraceWriter::Create(path);
    CHECK(writer.ok()) << writer.status();
    const auto q = writer->Add({0, "q"}, 0, 1, 1);
    CHECK(writer->Append(*q, std::vector<float>{1}).ok());
    return writer->Finish(producer, model, std::move(ids));
  };
  const auto header = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return ParseTraceHeader(std::string(std::istreambuf_iterator<char>(file), {}));
  };
  std::string umlauts = "x";  // so that a character lies across the limit
  for (int i = 0; i < 200; ++i) umlauts += "\u00e4";
  ASSERT_TRUE(finish(Path("long"), std::string(1000, 'p'), umlauts, {}).ok());
  auto read = header(Path("long.json"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->producer, std::string(256, 'p'));
  EXPECT_EQ(read->model, umlauts.substr(0, 255));
  ASSERT_TRUE(finish(Path("bytes"), "a\xff", std::string(300, '\xfe'), {}).ok());
  read = header(Path("bytes.json"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->producer, "a\\xff");
  EXPECT_EQ(read->model.size(), 256u);
  EXPECT_THAT(TraceWriter::Create(Path("n\xff")).status().message(), HasSubstr("expected UTF-8, which its header is"));
  const absl::Status status = finish(Path("many"), "", "", std::vector<int32_t>(1'500'000, 1'234'567'890));
  EXPECT_THAT(status.message(), HasSubstr("many.json: trace header, the whole: expected at most 16777216 bytes, got "));
  for (const char* name : {"many.json", "many.f32"}) EXPECT_FALSE(std::filesystem::exists(Path(name))) << name;
}

TEST(Trace, OneRecordAsNpy) {
  EXPECT_FALSE(NpyWriter::Create(Path("none/q.npy")).ok()) << "before any value is made";
  auto made = NpyWriter::Create(Path("q.npy"));
  ASSERT_TRUE(made.ok()) << made.status();
  NpyWriter& writer = *made;
  const auto q = writer.Add({0, "q"}, 0, 2, 2);
  EXPECT_THAT(writer.Add({0, "k"}, 0, 2, 2).status().message(), HasSubstr("layer.0.q and layer.0.k"));
  ASSERT_TRUE(writer.Append(*q, std::vector<float>{1, 2, 3, 4}).ok());
  ASSERT_TRUE(writer.Finish().ok());
  const auto set = ArraySet::Open(Path("q.npy"), {.id = {0, "q"}});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(Values(*set->Find({0, "q"})), ElementsAre(1, 2, 3, 4));
}

TEST(ArraySet, RawValuesNeedTheirShape) {
  ASSERT_TRUE(WriteFileAtomically(Path("x.f32"), RawFloats({1, 2, 3, 4, 5, 6})).ok());
  const auto set = ArraySet::Open(Path("x.f32"), {.shape = {2, 3}});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(Values(*set->Find({{}, "logits"})), ElementsAre(1, 2, 3, 4, 5, 6));
  const auto error = [](std::vector<uint64_t> shape) {
    return std::string(ArraySet::Open(Path("x.f32"), {.shape = std::move(shape)}).status().message());
  };
  EXPECT_THAT(error({}), HasSubstr("x.f32: raw f32 values do not say their shape: give --shape"));
  EXPECT_THAT(error({2, 4}), HasSubstr("expected 32 bytes for f32 [2][4], got 24"));
  EXPECT_THAT(error({0, 4}), HasSubstr("expected 0 bytes"));
  EXPECT_THAT(error({uint64_t{1} << 63, 4}), HasSubstr("at most"));
}

TEST(ArraySet, IdsComeAsRawInt32) {
  ASSERT_TRUE(WriteFileAtomically(Path("x.i32"), std::string("\x05\0\0\0\x06\0\0\0", 8)).ok());
  EXPECT_THAT(*ReadIdsFile(Path("x.i32")), ElementsAre(5, 6));
  ASSERT_TRUE(WriteFileAtomically(Path("x.i32"), "12345").ok());
  EXPECT_THAT(ReadIdsFile(Path("x.i32")).status().message(), HasSubstr("expected a positive multiple of 4 bytes"));
  ASSERT_TRUE(WriteFileAtomically(Path("x.i32"), "\xff\xff\xff\xff").ok());
  EXPECT_THAT(ReadIdsFile(Path("x.i32")).status().message(), HasSubstr("token id 0: expected 0..2^31-1, got -1"));
}

TEST(RecordId, NamesReadBack) {
  for (const char* name : {"logits", "layer.0.q", "layer.29.ffn_sub_norm", "embed", "layers"}) {
    const auto id = ParseRecordName(name);
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(id->Name(), name);
  }
  EXPECT_EQ(ParseRecordName("layer.12.q")->layer, 12);
  for (const char* name : {"", "layer.", "layer.1", "layer.1.", "layer.-1.q", "layer.01.q", "layer.+1.q", "a b", "a.b",
                           "layer.99999999999999999999.q", "layer.1.q.r"}) {
    EXPECT_THAT(ParseRecordName(name).status().message(), HasSubstr("expected OP or layer.N.OP")) << name;
  }
}

// Every member that the header must have, or may have, set to what it cannot be.
TEST(TraceHeader, EveryMemberIsChecked) {
  const TraceWriter writer = WriteExample(Path("t"));
  const std::string good = WriteTraceHeader(writer.header());
  ASSERT_TRUE(ParseTraceHeader(good).ok());
  struct Case {
    const char* path;
    JsonValue value;
    const char* message;
  };
  const Case cases[] = {
      {"/format", JsonValue::String("x"), "/format: expected \"bitnet-trace\", got x"},
      {"/version", JsonValue::Uint(2), "/version: expected 1, got 2"},
      {"/data", JsonValue::String("../t.f32"), "/data: expected the name of a file beside the header"},
      {"/data", JsonValue::String(""), "/data: expected the name of a file"},
      {"/data_bytes", JsonValue::Uint(47), "records/1/offset: expected an integer in 0..15, got 16"},
      {"/data_bytes", JsonValue::Int(-1), "/data_bytes: expected an integer"},
      {"/ids/1", JsonValue::Int(-1), "/ids/1: expected an integer in 0..2^31-1, got -1"},
      {"/ids", JsonValue::Int(1), "/ids: expected an array, got integer"},
      {"/records", JsonValue::MakeArray({}), "/records: expected at least one record"},
      {"/records/0", JsonValue::Int(3), "/records/0: expected an object, got integer"},
      {"/records/0/name", JsonValue::String("layer.4.q"), "/records/0/name: expected \"layer.3.q\", got layer.4.q"},
      {"/records/0/layer", JsonValue::Int(-1), "/records/0/layer: expected an integer"},
      {"/records/0/op", JsonValue::String("q k"), "/records/0/op: expected 1 to 64 of"},
      {"/records/0/first_position", JsonValue::Double(0.5), "/records/0/first_position: expected an integer"},
      {"/records/0/shape", JsonValue::MakeArray({JsonValue::Int(4)}), "/records/0/shape: expected [rows, width]"},
      {"/records/0/shape/0", JsonValue::Int(0), "/records/0/shape: expected two positive integers, got [0,2]"},
      {"/records/0/shape/1", JsonValue::Uint(UINT64_MAX), "/records/0/shape: expected an array of at most"},
      {"/records/0/shape/1", JsonValue::Int(3), "/records/0/bytes: expected 24, got 16"},
      {"/records/0/dtype", JsonValue::String("f64"), "/records/0/dtype: expected \"f32\", got f64"},
      {"/records/0/offset", JsonValue::Int(2), "/records/0/offset: expected a multiple of 4"},
      {"/records/0/offset", JsonValue::Int(8), "/records: expected bytes of its own for each, got"},
      {"/records/0/sha256", JsonValue::String("00"), "/records/0/sha256: expected 64 lower-case"},
  };
  for (const Case& c : cases) {
    JsonValue json = *ParseJsonText(good);
    ASSERT_NE(json.AtPath(c.path), nullptr) << c.path;
    *json.AtPath(c.path) = c.value;
    const absl::Status status = ParseTraceHeader(WritePrettyJson(json)).status();
    EXPECT_THAT(status.message(), HasSubstr(c.message)) << c.path;
  }
  // Each of these is missed when it is not there; producer, model, ids, layer and sha256 are not.
  for (const char* name : {"format", "version", "data", "data_bytes", "records"}) {
    JsonValue json = *ParseJsonText(good);
    std::erase_if(json.object(), [&](const JsonMember& member) { return member.name == name; });
    EXPECT_THAT(ParseTraceHeader(WritePrettyJson(json)).status().message(), HasSubstr(absl::StrCat("/", name)));
  }
  EXPECT_THAT(
      ParseTraceHeader(absl::StrReplaceAll(good, {{"\"format\"", "\"data\": \"x\", \"format\""}})).status().message(),
      HasSubstr("/data: expected one value, got two"));
  EXPECT_THAT(ParseTraceHeader("{").status().message(), HasSubstr("trace header: "));
}

}  // namespace
}  // namespace bitnet
