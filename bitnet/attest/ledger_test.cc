#include "bitnet/attest/ledger.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/merkle.h"
#include "bitnet/base/sha256.h"
#include "gtest/gtest.h"

namespace bitnet::attest {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 8, 0, 0), absl::UTCTimeZone());

LedgerEntry Entry(int i) {
  return {ToHex(Sha256Of(absl::StrCat("nonce ", i))), ToHex(Sha256Of(absl::StrCat("receipt ", i))),
          kNow + absl::Seconds(i)};
}

std::string LedgerText(int lines) {
  Ledger ledger;
  std::string text;
  for (int i = 0; i < lines; ++i) text += *ledger.Append(Entry(i));
  return text;
}

std::string ErrorOf(std::string_view text) {
  const auto ledger = Ledger::Parse(text);
  return ledger.ok() ? "" : std::string(ledger.status().message());
}

TEST(LedgerTest, LinesAreLeavesOfOneTree) {
  MerkleTree tree;
  const std::string text = LedgerText(5);
  ASSERT_EQ(text.size(), 5 * kLedgerLineBytes);
  const auto ledger = Ledger::Parse(text);
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_EQ(ledger->size(), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ledger->RootAt(i), ToHex(tree.Root()));
    const std::string leaf =
        absl::StrFormat("%s %s 2026-11-21T08:00:%02dZ", Entry(i).nonce, Entry(i).receipt_sha256, i);
    tree.Add(MerkleLeaf(std::span(reinterpret_cast<const uint8_t*>(leaf.data()), leaf.size())));
    EXPECT_EQ(text.substr(i * kLedgerLineBytes, kLedgerLineBytes), leaf + " " + ToHex(tree.Root()) + "\n");
    ASSERT_NE(ledger->Find(Entry(i).nonce), nullptr);
    EXPECT_EQ(*ledger->Find(Entry(i).nonce), Entry(i));
  }
  EXPECT_EQ(ledger->Root(), ToHex(tree.Root()));
  EXPECT_EQ(ledger->Find(Entry(5).nonce), nullptr);
  EXPECT_EQ(Ledger::Parse("")->Root(), ToHex(Sha256Of("")));
}

TEST(LedgerTest, ANonceIsTakenOnce) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Append(Entry(1)).ok());
  LedgerEntry again = Entry(2);
  again.nonce = Entry(1).nonce;
  EXPECT_EQ(ledger.Append(again).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ledger.Append(Entry(1)).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ledger.size(), 1);
}

TEST(LedgerTest, EntriesThatCouldNotBeReadAreNotWritten) {
  Ledger ledger;
  for (const char* nonce : {"", "ab", "AB112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}) {
    LedgerEntry entry = Entry(0);
    entry.nonce = nonce;
    EXPECT_EQ(ledger.Append(entry).status().code(), absl::StatusCode::kInvalidArgument) << nonce;
    entry = Entry(0);
    entry.receipt_sha256 = nonce;
    EXPECT_EQ(ledger.Append(entry).status().code(), absl::StatusCode::kInvalidArgument) << nonce;
  }
  LedgerEntry entry = Entry(0);
  entry.time = absl::InfiniteFuture();
  EXPECT_FALSE(ledger.Append(entry).ok());
  EXPECT_EQ(ledger.size(), 0);
}

// Every single bit of three lines.
TEST(LedgerTest, EveryFlippedBitIsFound) {
  const std::string text = LedgerText(3);
  for (size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(Ledger::Parse(flipped).ok()) << "bit " << bit;
  }
}

TEST(LedgerTest, LinesThatAreMovedTakenOutOrPutInAreFound) {
  const std::string text = LedgerText(4);
  const auto line = [&](int i) { return text.substr(i * kLedgerLineBytes, kLedgerLineBytes); };
  EXPECT_TRUE(absl::StrContains(ErrorOf(line(1) + line(2)), "line 1 does not follow"));
  EXPECT_TRUE(absl::StrContains(ErrorOf(line(0) + line(2) + line(3)), "line 2 does not follow"));
  EXPECT_TRUE(absl::StrContains(ErrorOf(line(0) + line(2) + line(1) + line(3)), "line 2 does not follow"));
  EXPECT_TRUE(absl::StrContains(ErrorOf(line(0) + line(0)), "line 2 repeats a nonce"));
  EXPECT_TRUE(absl::StrContains(ErrorOf(text + "\n"), "line 5 is not"));
  EXPECT_TRUE(absl::StrContains(ErrorOf("\n" + text), "line 1 is not"));
  // Cutting whole lines off the end leaves an honest ledger of an earlier day: only its root, kept elsewhere, tells.
  EXPECT_EQ(ErrorOf(line(0) + line(1)), "");
  EXPECT_NE(Ledger::Parse(text)->Root(), Ledger::Parse(line(0) + line(1))->Root());
  EXPECT_EQ(Ledger::Parse(text)->RootAt(2), Ledger::Parse(line(0) + line(1))->Root());
}

TEST(LedgerTest, TornLastLinesAreNamedWithTheRemedy) {
  const std::string text = LedgerText(3);
  for (size_t size = 2 * kLedgerLineBytes + 1; size < text.size(); ++size) {
    const std::string error = ErrorOf(text.substr(0, size));
    EXPECT_TRUE(absl::StrContains(error, "line 3 is torn")) << size << ": " << error;
    EXPECT_TRUE(absl::StrContains(error, "truncate -s 432")) << error;
  }
}

TEST(LedgerTest, LargerThanAnyHonestOneIsRefused) {
  EXPECT_EQ(Ledger::Parse(std::string(kMaxLedgerBytes + 1, 'a')).status().code(), absl::StatusCode::kResourceExhausted);
}

class LedgerFileTest : public testing::Test {
 protected:
  LedgerFileTest() : path_(testing::TempDir() + "/ledger") { std::ofstream{path_}; }
  ~LedgerFileTest() override { std::filesystem::remove(path_); }

  std::string Text() const {
    std::ifstream file(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string path_;
};

TEST_F(LedgerFileTest, AppendsAndReadsBack) {
  for (int i = 0; i < 3; ++i) {
    auto file = LedgerFile::Open(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->ledger().size(), i);
    ASSERT_TRUE(file->Append(Entry(i)).ok());
    EXPECT_EQ(file->ledger().size(), i + 1);
    EXPECT_EQ(file->Append(Entry(i)).code(), absl::StatusCode::kAlreadyExists);
  }
  EXPECT_EQ(Text(), LedgerText(3));
}

TEST_F(LedgerFileTest, AnAbsentLedgerIsNotAnEmptyOne) {
  const auto file = LedgerFile::Open(path_ + ".mistyped");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(file.status().message(), "touch")) << file.status();
  EXPECT_FALSE(std::filesystem::exists(path_ + ".mistyped"));
  EXPECT_FALSE(LedgerFile::Open(testing::TempDir()).ok());
  EXPECT_FALSE(LedgerFile::Open("/dev/null").ok());
}

TEST_F(LedgerFileTest, DamageIsReportedWithTheFile) {
  std::ofstream(path_) << LedgerText(2).substr(0, 300);
  const auto file = LedgerFile::Open(path_);
  EXPECT_EQ(file.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(file.status().message(), path_ + ": ledger: line 2 is torn")) << file.status();
}

// Eight processes append forty lines each. Without the lock their roots would not follow from each other.
TEST_F(LedgerFileTest, ProcessesTakeTurns) {
  std::vector<pid_t> children;
  for (int child = 0; child < 8; ++child) {
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      for (int i = 0; i < 40; ++i) {
        auto file = LedgerFile::Open(path_);
        if (!file.ok() || !file->Append(Entry(1000 * child + i)).ok()) _exit(1);
      }
      _exit(0);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  const auto ledger = Ledger::Parse(Text());
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_EQ(ledger->size(), 320);
}

}  // namespace
}  // namespace bitnet::attest
