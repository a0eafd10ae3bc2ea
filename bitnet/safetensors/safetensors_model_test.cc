#include "bitnet/safetensors/safetensors_model.h"

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/safetensors/safetensors_cases.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

class SafetensorsModelTest : public testing::Test {
 protected:
  SafetensorsModelTest() {
    directory_ = absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
    mkdir(directory_.c_str(), 0755);
  }
  void Write(std::string_view name, std::string_view text) {
    CHECK(WriteFileAtomically(absl::StrCat(directory_, "/", name), text).ok());
  }
  void WriteTensors(std::string_view name, std::string_view header, uint64_t data_bytes) {
    const auto bytes = SafetensorsBytes(header, data_bytes);
    Write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  absl::Status Open() { return SafetensorsModel::Open(directory_).status(); }

  std::string directory_;
};

constexpr std::string_view kA = R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})";
constexpr std::string_view kB = R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
constexpr std::string_view kIndex =
    R"({"metadata":{"total_size":5},"weight_map":{"b":"m-2.safetensors","a":"m-1.safetensors"}})";

TEST_F(SafetensorsModelTest, OneFile) {
  EXPECT_TRUE(absl::IsNotFound(Open())) << Open();
  WriteTensors("model.safetensors", kA, 3);
  const auto model = SafetensorsModel::Open(directory_);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->Find("a")->data.size(), 3u);
  EXPECT_EQ(model->Find("b"), nullptr);
  EXPECT_EQ(model->bytes(), 8 + kA.size() + 3);
  Write("model.safetensors.index.json", kIndex);
  EXPECT_TRUE(absl::IsFailedPrecondition(Open())) << Open();
}

TEST_F(SafetensorsModelTest, Shards) {
  WriteTensors("m-1.safetensors", kA, 3);
  WriteTensors("m-2.safetensors", kB, 2);
  Write("model.safetensors.index.json", kIndex);
  auto opened = SafetensorsModel::Open(directory_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const SafetensorsModel model = *std::move(opened);  // pointers survive a move
  ASSERT_EQ(model.tensors().size(), 2u);
  EXPECT_EQ(model.tensors()[0]->name, "a");
  EXPECT_EQ(model.Find("b")->data[1], 1);
  EXPECT_EQ(model.files().size(), 2u);
}

TEST_F(SafetensorsModelTest, IndexAndShardsMustAgree) {
  WriteTensors("m-1.safetensors", kA, 3);
  WriteTensors("m-2.safetensors", kB, 2);
  const auto error = [&](std::string_view map) {
    Write("model.safetensors.index.json", absl::StrCat(R"({"weight_map":)", map, "}"));
    const absl::Status status = Open();
    EXPECT_TRUE(absl::IsInvalidArgument(status) || absl::IsNotFound(status)) << status;
    return std::string(status.message());
  };
  EXPECT_TRUE(
      absl::StrContains(error(R"({"b":"m-2.safetensors","a":"m-2.safetensors"})"), "tensor \"a\": expected in"));
  EXPECT_TRUE(absl::StrContains(error(R"({"a":"m-1.safetensors","c":"m-2.safetensors"})"),
                                "m-2.safetensors: tensor \"b\": expected in model.safetensors.index.json"));
  EXPECT_TRUE(absl::StrContains(error(R"({"a":"m-1.safetensors","b":"m-1.safetensors"})"), "tensor \"b\""));
  EXPECT_TRUE(absl::StrContains(error(R"({"a":"m-3.safetensors"})"), "m-3.safetensors"));
  EXPECT_TRUE(absl::StrContains(error("{}"), "at least one tensor"));
  EXPECT_TRUE(absl::StrContains(error("[]"), "weight_map: expected an object"));
  EXPECT_TRUE(absl::StrContains(error(R"({"a":5})"), "got the number 5"));
}

TEST_F(SafetensorsModelTest, OneTensorInTwoFiles) {
  WriteTensors("m-1.safetensors", kA, 3);
  WriteTensors("m-2.safetensors", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2);
  Write("model.safetensors.index.json", R"({"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}})");
  EXPECT_TRUE(absl::StrContains(Open().message(), "is in another file")) << Open();
}

TEST(SafetensorsIndexTest, NothingOutsideTheDirectoryIsOpened) {
  for (const std::string_view name :
       {"../x.safetensors", "/etc/x.safetensors", "a/b.safetensors", "..", ".", "", "x.bin", ".safetensors",
        ".hidden.safetensors", "a\\\\b.safetensors", "x.safetensors\\u0000", "x\\u0000.safetensors"}) {
    const std::string json = absl::StrCat(R"({"weight_map":{"a":")", name, "\"}}");
    const auto entries = ParseSafetensorsIndex(json, "index");
    EXPECT_TRUE(absl::IsInvalidArgument(entries.status())) << name << ": " << entries.status();
    EXPECT_TRUE(absl::StrContains(entries.status().message(), "of the same directory")) << entries.status();
  }
  EXPECT_TRUE(ParseSafetensorsIndex(R"({"weight_map":{"a":"model-00001-of-00002.safetensors"}})", "index").ok());
}

}  // namespace
}  // namespace bitnet
