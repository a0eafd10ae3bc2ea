#include "bitnet/base/new_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

class NewFileTest : public testing::Test {
 protected:
  NewFileTest() : folder_(testing::TempDir() + "/new_file") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string folder_;
};

TEST_F(NewFileTest, HasItsBytesAndItsMode) {
  const mode_t before = umask(022);
  for (const mode_t mode : {0600, 0644, 0666}) {
    const std::string name = std::to_string(mode);
    ASSERT_TRUE(WriteNewFile(folder_ + "/" + name, "secret\n", mode).ok());
    struct stat facts;
    ASSERT_EQ(stat((folder_ + "/" + name).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, mode & ~022);
    EXPECT_EQ(Read(name), "secret\n");
  }
  umask(before);
}

TEST_F(NewFileTest, NothingIsReplaced) {
  ASSERT_TRUE(WriteNewFile(folder_ + "/a", "first", 0600).ok());
  EXPECT_EQ(WriteNewFile(folder_ + "/a", "second", 0600).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Read("a"), "first");
  std::filesystem::create_symlink(folder_ + "/nowhere", folder_ + "/link");
  EXPECT_EQ(WriteNewFile(folder_ + "/link", "second", 0600).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/nowhere"));
  EXPECT_EQ(WriteNewFile(folder_, "second", 0600).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(NewFileTest, ErrorsNameTheFile) {
  const absl::Status status = WriteNewFile(folder_ + "/no/such/folder", "x", 0600);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("/no/such/folder"), std::string::npos);
}

}  // namespace
}  // namespace bitnet
