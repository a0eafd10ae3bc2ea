#include "bitnet/quant/kernel_config.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

constexpr std::string_view kTwo =
    "[Kernels_0]\nm = 3200\nk = 8640\nbm = 160\nbk = 96\nbmm = 32\n\n"
    "[Kernels_1]\nm = 8640\nk = 3200\nbm = 320\nbk = 64\nbmm = 64\n\n";

std::vector<TlTiling> TwoTilings() { return {{3200, 8640, 160, 96, 32}, {8640, 3200, 320, 64, 64}}; }

TEST(KernelConfigTest, ReadsWhatTheGeneratorWrites) {
  EXPECT_EQ(*ParseKernelConfig(kTwo), TwoTilings());
  EXPECT_EQ(*ParseKernelConfig(absl::StrReplaceAll(kTwo, {{"\n", "\r\n"}})), TwoTilings());
  EXPECT_EQ(*ParseKernelConfig(absl::StrReplaceAll(kTwo, {{" = ", "="}})), TwoTilings());
  EXPECT_EQ(*ParseKernelConfig(absl::StrReplaceAll(kTwo, {{"bm ", "BM\t"}, {"\nm", "\n  M"}})), TwoTilings());
  EXPECT_EQ(*ParseKernelConfig(kTwo.substr(0, kTwo.size() - 2)), TwoTilings());  // no last line end
}

TEST(KernelConfigTest, CommentsAndOrder) {
  EXPECT_EQ(*ParseKernelConfig("# made by hand\n; for one shape\n[Kernels_7]\nbmm = 64\n  # inside\nbk=8\nk = 16\n"
                               "bm = 00064\nm = 2147483647"),
            (std::vector<TlTiling>{{2147483647, 16, 64, 8, 64}}));
}

TEST(KernelConfigTest, ErrorsNameTheLine) {
  struct Case {
    const char* text;
    const char* message;
  };
  for (const Case& c : {
           Case{"", "expected at least one section"},
           Case{"# nothing\n", "expected at least one section"},
           Case{"m = 1\n", "line 1: expected a section before the first key, got \"m = 1\""},
           Case{"\n[Kernel_0]\n", "line 2: expected a section [Kernels_N], got \"[Kernel_0]\""},
           Case{"[Kernels_]\n", "line 1: expected a section [Kernels_N]"},
           Case{"[Kernels_1x]\n", "line 1: expected a section [Kernels_N]"},
           Case{"[Kernels_1\n", "line 1: expected a section [Kernels_N]"},
           Case{"[DEFAULT]\n", "line 1: expected a section [Kernels_N]"},
           Case{"[Kernels_0]\nm = 1\nk = 2\nbm = 3\nbk = 4\n",
                "line 1: section [Kernels_0]: expected keys m, k, bm, "
                "bk, bmm, got no bmm"},
           Case{"[Kernels_0]\nm 1\n", "line 2: expected a section, \"key = number\" or a comment, got \"m 1\""},
           Case{"[Kernels_0]\nn = 1\n", "line 2: expected a key m, k, bm, bk or bmm, got \"n\""},
           Case{"[Kernels_0]\n = 1\n", "line 2: expected a key m, k, bm, bk or bmm, got \"\""},
           Case{"[Kernels_0]\nm = 1\nM = 1\n", "line 3: key m occurs twice in section [Kernels_0]"},
           Case{"[Kernels_0]\nm =\n", "line 2: m: expected a decimal number of 1 to 2147483647, got \"\""},
           Case{"[Kernels_0]\nm = 0\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = -1\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = +1\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = 1 2\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = 0x10\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = 2147483648\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = 99999999999999999999999999\n", "line 2: m: expected a decimal number"},
           Case{"[Kernels_0]\nm = 1 # rows\n", "got \"1 # rows\""},
           Case{"\xef\xbb\xbf[Kernels_0]\n", "line 1: expected a section, \"key = number\" or a comment, got \"\\xef"},
       }) {
    const absl::Status status = ParseKernelConfig(c.text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.text;
    EXPECT_THAT(status.message(), HasSubstr(c.message)) << c.text;
  }
}

TEST(KernelConfigTest, NothingTwice) {
  const std::string section_twice = absl::StrReplaceAll(kTwo, {{"Kernels_1", "Kernels_0"}});
  EXPECT_THAT(ParseKernelConfig(section_twice).status().message(), HasSubstr("line 8: section [\"Kernels_0\"] occurs"));
  const std::string shape_twice = absl::StrReplaceAll(kTwo, {{"m = 8640\nk = 3200", "m = 3200\nk = 8640"}});
  EXPECT_THAT(ParseKernelConfig(shape_twice).status().message(),
              HasSubstr("line 8: section [Kernels_1]: shape 3200x8640 has a section already"));
}

TEST(KernelConfigTest, Limits) {
  std::string text;
  for (int i = 0; i < 257; ++i) {
    if (i == 256) {
      EXPECT_EQ(ParseKernelConfig(text)->size(), 256u);
    }
    absl::StrAppend(&text, "[Kernels_", i, "]\nm=", i + 1, "\nk=1\nbm=1\nbk=1\nbmm=1\n");
  }
  EXPECT_THAT(ParseKernelConfig(text).status().message(), HasSubstr("line 1537: expected at most 256 sections"));
  const std::string large = absl::StrCat(kTwo, std::string(kMaxKernelConfigBytes - kTwo.size(), '\n'));
  EXPECT_TRUE(ParseKernelConfig(large).ok());
  EXPECT_THAT(ParseKernelConfig(large + "\n").status().message(), HasSubstr("expected at most 65536 bytes, got 65537"));
  const std::string long_line = "[Kernels_0]\n" + std::string(1000, '\x01');
  EXPECT_LT(ParseKernelConfig(long_line).status().message().size(), 300u);
}

}  // namespace
}  // namespace bitnet
