// The command line of quant-report.

#include <string>
#include <utility>
#include <vector>

#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CliTest, QuantReportPrintsATable) {
  const ProcessResult result = Run({"quant-report", "--format", "tq2_0", "--format", "i2_s", "--rows", "32"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, AllOf(StartsWith("| format | weights | method |"),
                                HasSubstr("\n| tq2_0 | ternary | absmax | 100 % | yes | off by "),
                                HasSubstr("\n| i2_s | ternary | absmax | 100 % | yes | exact | 0 | exact | 1 | "),
                                HasSubstr("\n| i2_s | gaussian | absmean | 100 % | yes | exact | 0.5")));
  EXPECT_EQ(Run({"quant-report", "--format", "i2_s", "--isa", "scalar"}).out,
            Run({"quant-report", "--format", "i2_s"}).out);
  EXPECT_NE(Run({"quant-report", "--format", "i2_s", "--seed", "2"}).out,
            Run({"quant-report", "--format", "i2_s"}).out);
}

TEST_F(CliTest, QuantReportAsJson) {
  const ProcessResult result = Run({"quant-report", "--format", "q1_0", "--rows", "2", "--cols", "128", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const JsonValue json = Json(result.out);
  EXPECT_TRUE(json.Find("holds")->bool_value());
  EXPECT_EQ(json.Find("rows")->AsInt64(), 2);
  const JsonValue::Array& rows = json.Find("formats")->array();
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].Find("weights")->string(), "binary");
  EXPECT_EQ(rows[0].Find("trits_exact")->AsUint64(), 256u);
  EXPECT_NE(rows[1].Find("refusal"), nullptr);
}

TEST_F(CliTest, QuantReportRefusesWhatDoesNotExist) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> refusals = {
      {{"--format", "tq3_0"}, "unknown format \"tq3_0\"; known: i2_s"},
      {{"--format", "tq2_0", "--cols", "100"}, "tq2_0: "},
      {{"--rows", "0"}, "--rows"},
      {{"--cols", "100000"}, "--cols"},
      {{"--isa", "sse9"}, "sse9"},
      {{"--seed", "-1"}, "--seed"}};
  for (const auto& [flags, message] : refusals) {
    std::vector<std::string> args = {"quant-report"};
    args.insert(args.end(), flags.begin(), flags.end());
    const ProcessResult result = Run(args);
    EXPECT_EQ(result.exit_code, 2) << testing::PrintToString(flags);
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace bitnet::xtask
