// No shipped binary has a way to pretend, nor any part of the engine that cheats in tests. The word for it may occur in a binary's strings and symbols exactly once: in
// the one literal that lists the words which kernel ids must not contain (verify/rules/kernel_id.cc).

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace bitnet::verify {
namespace {

// A binary joins by its line here and in `data` of the BUILD file.
constexpr const char* kShippedBinaries[] = {
    "verify/verify",
    "xtask/xtask",
};

constexpr std::string_view kWord = "mock";
constexpr std::string_view kDenylist = "mock|stub|fake|dummy|placeholder|fallback|dequant|fp32|f32_matmul";

// The strings of a file: runs of at least 4 printable characters up to a NUL. That takes in literals (.rodata) and
// symbol names (.strtab) alike, and leaves out machine code that happens to spell something.
std::vector<std::string_view> Strings(std::string_view bytes) {
  std::vector<std::string_view> strings;
  size_t begin = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (absl::ascii_isprint(static_cast<unsigned char>(bytes[i]))) continue;
    if (bytes[i] == '\0' && i - begin >= 4) strings.push_back(bytes.substr(begin, i - begin));
    begin = i + 1;
  }
  return strings;
}

class ShippedBinariesTest : public testing::TestWithParam<const char*> {};

TEST_P(ShippedBinariesTest, NoStringOrSymbolPretends) {
  std::ifstream file(GetParam(), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const std::vector<std::string_view> strings = Strings(bytes);
  int denylists = 0;
  int own_symbols = 0;
  for (const std::string_view text : strings) {
    own_symbols += absl::StrContains(text, "AuditReceiptText");
    EXPECT_FALSE(absl::StrContainsIgnoreCase(text, "cheat")) << text << ": bitnet/engine/cheating is for tests alone";
    if (!absl::StrContainsIgnoreCase(text, kWord)) continue;
    // The sanitizers' own runtime, in builds that are never shipped.
    if (absl::StartsWith(text, "_ZN11__sanitizer")) continue;
    // Literals may share a run of the string table only when one ends another, so this one stands alone.
    EXPECT_EQ(text, kDenylist);
    denylists += text == kDenylist;
  }
  EXPECT_EQ(denylists, 1) << "the denylist itself must be found, or the search finds nothing";
  EXPECT_GT(own_symbols, 0) << "symbols were not seen: is the binary stripped?";
}

INSTANTIATE_TEST_SUITE_P(All, ShippedBinariesTest, testing::ValuesIn(kShippedBinaries), [](const auto& info) {
  const std::string_view path = info.param;
  return std::string(path.substr(path.rfind('/') + 1));
});

TEST(StringsTest, FindsLiteralsAndSymbols) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(Strings("\x01RunMock\0ab\0\x02 x.Mocked\0tail"sv), (std::vector<std::string_view>{"RunMock", " x.Mocked"}));
}

}  // namespace
}  // namespace bitnet::verify
