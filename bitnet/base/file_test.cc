// MappedFile and AtomicFile: what one writes the other maps.

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() : folder_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  std::string Path(std::string_view name) const { return (folder_ / name).string(); }
  int FilesInFolder() const {
    return static_cast<int>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  static std::string Contents(const std::string& path) {
    const absl::StatusOr<MappedFile> file = MappedFile::Open(path);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return "";
    return std::string(file->bytes().begin(), file->bytes().end());
  }

  const fs::path folder_;
};

TEST_F(FileTest, WriteThenMap) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("a"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Write(std::string_view("hello ")).ok());
  ASSERT_TRUE(file->Write(std::string_view("world")).ok());
  EXPECT_EQ(file->size(), 11u);
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(Contents(Path("a")), "hello world");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FileTest, NothingAppearsBeforeCommit) {
  {
    absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("a"));
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->Write(std::string_view("half")).ok());
    EXPECT_FALSE(fs::exists(Path("a")));
  }
  EXPECT_EQ(FilesInFolder(), 0);
}

TEST_F(FileTest, TheOldFileStaysUntilCommitAndIsThenReplaced) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "old").ok());
  const absl::StatusOr<MappedFile> mapped_old = MappedFile::Open(Path("a"));
  {
    absl::StatusOr<AtomicFile> abandoned = AtomicFile::Create(Path("a"));
    ASSERT_TRUE(abandoned.ok());
    ASSERT_TRUE(abandoned->Write(std::string_view("abandoned")).ok());
  }
  EXPECT_EQ(Contents(Path("a")), "old");
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "new, longer").ok());
  EXPECT_EQ(Contents(Path("a")), "new, longer");
  EXPECT_EQ(FilesInFolder(), 1);
  // Who mapped the old file keeps it: it was replaced, not overwritten.
  EXPECT_EQ(std::string(mapped_old->bytes().begin(), mapped_old->bytes().end()), "old");
}

TEST_F(FileTest, MovedFromFileIsHarmless) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("a"));
  ASSERT_TRUE(file.ok());
  {
    AtomicFile moved = *std::move(file);
    ASSERT_TRUE(moved.Write(std::string_view("x")).ok());
    ASSERT_TRUE(moved.Commit().ok());
  }
  EXPECT_EQ(Contents(Path("a")), "x");
}

TEST_F(FileTest, MissingFolderIsNamed) {
  const absl::Status status = AtomicFile::Create(Path("no/such/file")).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot create " + Path("no/such/file"))) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "folder " + Path("no/such"))) << status;
}

TEST_F(FileTest, CommitOntoAFolderFailsAndLeavesNothing) {
  fs::create_directory(Path("a"));
  EXPECT_FALSE(WriteFileAtomically(Path("a"), "x").ok());
  EXPECT_TRUE(fs::is_directory(Path("a")));
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(FileTest, FilesAreReadableByOthers) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "x").ok());
  struct stat info;
  ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0600, 0600u);
  EXPECT_EQ(info.st_mode & 0133, 0u) << "not executable, not writable by others";
}

// Pages leave memory, bytes stay; a part without a whole page is left alone.
TEST_F(FileTest, ReleasedBytesAreStillThere) {
  std::string content(1 << 20, 'x');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 8);
  ASSERT_TRUE(WriteFileAtomically(Path("big"), content).ok());
  const absl::StatusOr<MappedFile> file = MappedFile::Open(Path("big"));
  ASSERT_TRUE(file.ok()) << file.status();
  const auto resident = [&] {
    std::ifstream map("/proc/self/smaps");
    std::string line;
    int64_t kib = -1;
    for (bool ours = false; std::getline(map, line);) {
      if (line.find(Path("big")) != std::string::npos) ours = true;
      if (ours && line.starts_with("Rss:")) {
        kib = std::stoll(line.substr(4));
        break;
      }
    }
    return kib;
  };
  const auto same = [&] {
    return std::equal(content.begin(), content.end(), file->bytes().begin(),
                      [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
  };
  EXPECT_TRUE(same());
  EXPECT_EQ(resident(), 1024);
  file->Release(file->bytes().subspan(100, 3000));
  EXPECT_EQ(resident(), 1024);
  file->Release(file->bytes().subspan(100, 512 << 10));
  EXPECT_EQ(resident(), 1024 - 508);  // without the page that it begins in, and the one that it ends in
  EXPECT_TRUE(same());
  file->Release({});
}

TEST_F(FileTest, MappedFileErrorsNameThePath) {
  const absl::Status missing = MappedFile::Open(Path("missing")).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_TRUE(absl::StrContains(missing.message(), Path("missing")));
  const absl::Status folder = MappedFile::Open(folder_.string()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(folder)) << folder;
  EXPECT_TRUE(absl::StrContains(folder.message(), "not a regular file"));
}

TEST_F(FileTest, EmptyFileIsAnEmptySpan) {
  ASSERT_TRUE(WriteFileAtomically(Path("empty"), "").ok());
  const absl::StatusOr<MappedFile> file = MappedFile::Open(Path("empty"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->bytes().empty());
}

TEST_F(FileTest, MappingMoves) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "aa").ok());
  ASSERT_TRUE(WriteFileAtomically(Path("b"), "b").ok());
  MappedFile a = *MappedFile::Open(Path("a"));
  const uint8_t* bytes = a.bytes().data();
  MappedFile moved = std::move(a);
  EXPECT_EQ(moved.bytes().data(), bytes);
  EXPECT_EQ(moved.path(), Path("a"));
  moved = *MappedFile::Open(Path("b"));
  EXPECT_EQ(moved.bytes().size(), 1u);
  EXPECT_EQ(moved.path(), Path("b"));
}

TEST_F(FileTest, WritesAtOffsets) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(Path("offsets"));
  ASSERT_TRUE(file.ok()) << file.status();
  const auto write = [&](uint64_t offset, std::string_view text) {
    return file->WriteAt(offset, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}).ok();
  };
  ASSERT_TRUE(write(6, "cd") && write(0, "ab") && write(1, "B"));
  EXPECT_EQ(file->size(), 8u);
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(Contents(Path("offsets")), std::string("aB\0\0\0\0cd", 8));
}

TEST(AtomicFile, RefusesWhatIsNotARegularFile) {
  const absl::StatusOr<AtomicFile> file = AtomicFile::Create("/dev/null");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(file.status().message().find("/dev/null"), std::string::npos);
}

TEST(AtomicFile, FollowsALink) {
  const std::string target = testing::TempDir() + "/atomic_target";
  const std::string link = testing::TempDir() + "/atomic_link";
  ASSERT_TRUE(WriteFileAtomically(target, "old").ok());
  std::filesystem::remove(link);
  std::filesystem::create_symlink(target, link);
  ASSERT_TRUE(WriteFileAtomically(link, "new").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  std::ifstream file(target);
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, "new");
}

}  // namespace
}  // namespace bitnet
