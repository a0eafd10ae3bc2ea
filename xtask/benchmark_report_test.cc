#include "xtask/benchmark_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/benchmark_result.h"
#include "xtask/op_times.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;

BenchmarkResult Sample() {
  BenchmarkResult result;
  result.model_type = "a <b> & \"c\"";
  result.model_filename = "/models/<script>alert('x')</script>.gguf";
  result.cpu_info = "some CPU";
  result.n_threads = 2;
  result.probe_bw_mbps = 20000;
  result.probe_int8_gops = 1000;
  result.probe_int8_isa = "avx2";
  result.memory = {{"mapped_file", 1'200'000'000, 520'000'000}};
  PhaseResult prefill{.test = "pp512", .n_prompt = 512, .timed_tokens = 512, .samples_ns = {1'000'000'000}};
  prefill.total_ns = 1'000'000'000;
  prefill.ops = {{.op = "i2s_gemv", .calls = 210, .ns = 800'000'000, .macs = 200'000'000'000, .bytes = 500'000'000},
                 {.op = "rms_norm", .calls = 121, .ns = 50'000'000},
                 {.op = kPassRest, .ns = 100'000'000},
                 {.op = kBetweenPasses, .ns = 50'000'000}};
  PhaseResult decode{.test = "tg8", .n_gen = 8, .timed_tokens = 7, .samples_ns = {70'000'000}};
  decode.total_ns = 70'000'000;
  decode.ops = {{.op = "i2s_gemv", .calls = 1470, .ns = 35'000'000, .macs = 14'000'000'000, .bytes = 350'000'000}};
  result.phases = {prefill, decode};
  return result;
}

TEST(BenchmarkReport, IsOnePageThatFetchesNothing) {
  const std::string page = BenchmarkReportHtml(Sample());
  for (const char* bad : {"<script", "http:", "https:", "@import", "url(", "src=", "nan", "inf<"}) {
    EXPECT_THAT(page, Not(HasSubstr(bad))) << bad;
  }
  EXPECT_THAT(page, HasSubstr("Benchmark of a &lt;b&gt; &amp; &quot;c&quot;"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;.gguf"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
}

TEST(BenchmarkReport, NumbersOfPointsAreThoseOfTheTables) {
  const std::string page = BenchmarkReportHtml(Sample());
  EXPECT_THAT(page, HasSubstr("<tr><td>i2s_gemv</td><td>1</td><td>80.0&#8239;%</td><td>210</td>"));
  EXPECT_THAT(page, HasSubstr("<td>800.0</td><td>0.6</td><td>3&#8239;%</td><td>500.0</td><td>50.0&#8239;%</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<tr><td>rms_norm</td><td></td><td>5.0&#8239;%</td><td>121</td>"));
  EXPECT_THAT(page, HasSubstr("<tr><td>i2s_gemv</td><td>2</td><td>50.0&#8239;%</td><td>1470</td>"));
  EXPECT_THAT(page, HasSubstr("class=\"number\""));
  EXPECT_THAT(page, HasSubstr(">1</text>"));
  EXPECT_THAT(page, HasSubstr(">2</text>"));
  EXPECT_THAT(page, Not(HasSubstr(">3</text>")));
}

TEST(BenchmarkReport, SaysWhoseTheMemoryIs) {
  EXPECT_THAT(BenchmarkReportHtml(Sample()),
              HasSubstr("<tr><td>mapped_file</td><td>1200.0 MB</td><td>520.0 MB</td></tr>"));
}

TEST(BenchmarkReport, AModelTooSmallForTheProbeHasNoPicture) {
  BenchmarkResult result = Sample();
  result.probe_bw_mbps = 0;
  const std::string page = BenchmarkReportHtml(result);
  EXPECT_THAT(page, Not(HasSubstr("<svg")));
  EXPECT_THAT(page, HasSubstr("No roofline"));
}

}  // namespace
}  // namespace bitnet::xtask
