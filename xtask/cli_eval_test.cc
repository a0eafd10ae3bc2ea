// What perplexity, trace and crossval answer on the command line.

#include <cmath>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr size_t kNanoVocab = 512;

std::string RawIds(const std::vector<int32_t>& ids) {
  return std::string(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(int32_t));
}

std::vector<float> Floats(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::string SomeText(int words) {
  std::string text;
  for (int i = 0; i < words; ++i) absl::StrAppend(&text, "word ", i * 7919 % 1000, " and ");
  return text;
}

using EvalCliTest = CliTest;

// From the logits that `infer` dumps: no code of the evaluation in between.
TEST_F(EvalCliTest, PerplexityIsThatOfTheDumpedLogits) {
  Write("text.txt", "A few words, to be scored.");
  const JsonValue answer = Json(Run({"perplexity", "-m", nano(), "-f", Path("text.txt"), "--json"}).out);
  const JsonValue tokens = Json(Run({"tokenize", "-m", nano(), "A few words, to be scored.", "--json"}).out);
  std::vector<int32_t> ids;
  for (const JsonValue& token : tokens.Find("tokens")->array()) {
    ids.push_back(static_cast<int32_t>(*token.Find("id")->AsInt64()));
  }
  Write("ids.i32", RawIds(ids));
  ASSERT_EQ(Run({"infer", "-m", nano(), "--prompt-ids", Path("ids.i32"), "-n", "1", "--greedy", "--dump-logits",
                 Path("logits.f32")})
                .exit_code,
            0);
  const std::vector<float> logits = Floats(Read("logits.f32"));
  long double nll = 0;
  for (size_t i = 0; i + 1 < ids.size(); ++i) {
    const float* row = logits.data() + i * kNanoVocab;
    long double sum = 0;
    for (size_t j = 0; j < kNanoVocab; ++j) sum += std::exp(static_cast<long double>(row[j]));
    nll += std::log(sum) - row[ids[i + 1]];
  }
  nll /= static_cast<long double>(ids.size() - 1);
  EXPECT_NEAR(answer.Find("nll")->double_value(), static_cast<double>(nll), 1e-12);
  EXPECT_NEAR(answer.Find("perplexity")->double_value(), static_cast<double>(std::exp(nll)), 1e-8);
  EXPECT_EQ(answer.Find("tokens_scored")->AsUint64(), ids.size() - 1) << "bos is not scored";
  EXPECT_EQ(answer.Find("bytes_scored")->AsUint64(), 26u);
  EXPECT_EQ(answer.Find("windows")->AsUint64(), 1u);
  EXPECT_EQ(answer.Find("interval_95"), nullptr) << "too few tokens";
}

TEST_F(EvalCliTest, PerplexityCountsAndBounds) {
  Write("text.txt", SomeText(60));
  const std::vector<std::string> args = {"perplexity", "-m", nano(), "-f", Path("text.txt"), "--ctx", "64"};
  const auto answer = [&](std::vector<std::string> more) {
    std::vector<std::string> all = args;
    all.insert(all.end(), more.begin(), more.end());
    all.push_back("--json");
    const ProcessResult result = Run(all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json(result.out);
  };
  const JsonValue all = answer({"--stride", "16"});
  const uint64_t tokens = *all.Find("text_tokens")->AsUint64();
  EXPECT_EQ(all.Find("tokens_scored")->AsUint64(), tokens);
  EXPECT_EQ(*all.Find("tokens_fed")->AsUint64(), tokens + *all.Find("tokens_context")->AsUint64());
  const JsonValue::Array& interval = all.Find("interval_95")->array();
  EXPECT_LT(interval[0].double_value(), all.Find("perplexity")->double_value());
  EXPECT_GT(interval[1].double_value(), all.Find("perplexity")->double_value());
  EXPECT_DOUBLE_EQ(all.Find("bits_per_token")->double_value(), all.Find("nll")->double_value() / std::log(2.0));
  // How it is computed changes no bit.
  for (const char* isa : {"auto", "scalar"}) {
    const JsonValue other = answer({"--stride", "16", "--isa", isa, "-t", "3", "--prefill-chunk", "5"});
    EXPECT_EQ(*other.Find("nll"), *all.Find("nll")) << isa;
    EXPECT_EQ(*other.Find("interval_95"), *all.Find("interval_95")) << isa;
  }
  EXPECT_EQ(answer({"--no-bos"}).Find("tokens_scored")->AsUint64(), tokens - 1);
  EXPECT_EQ(answer({"--stride", "64", "--chunks", "2"}).Find("tokens_scored")->AsUint64(), 128u);
  EXPECT_EQ(answer({"--stride", "64"}).Find("tokens_context")->AsUint64(), 0u);
  const JsonValue llama = answer({"--method", "llamacpp"});
  EXPECT_EQ(*llama.Find("tokens_scored")->AsUint64(), (tokens + 1) / 64 * 31);
  const ProcessResult text = Run(args);
  EXPECT_THAT(text.out, StartsWith("perplexity "));
  EXPECT_THAT(text.out, HasSubstr("stride 32, with bos"));
  EXPECT_THAT(text.err, HasSubstr("tokens fed per second"));
  options_.terminal = true;
  EXPECT_THAT(Run(args).err, HasSubstr("perplexity "));
}

TEST_F(EvalCliTest, AnInterruptedPerplexityHasNoAnswer) {
  Write("text.txt", SomeText(300));
  options_.terminal = true;
  Process process({Program(), "perplexity", "-m", nano(), "-f", Path("text.txt"), "--ctx", "1024", "--stride", "1"},
                  options_);
  ASSERT_TRUE(process.WaitFor("window 1 of"));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.out, "");
}

TEST_F(EvalCliTest, ATraceIsTheSameHoweverItIsComputed) {
  const ProcessResult made = Run({"trace", nano(), "--prompt", "some words", "--out", Path("a.json")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr(" values, "));
  ASSERT_EQ(Run({"trace", nano(), "-p", "some words", "--out", Path("b"), "--isa", "scalar", "-t", "2",
                 "--prefill-chunk", "1"})
                .exit_code,
            0);
  EXPECT_EQ(Read("a.f32"), Read("b.f32"));
  // The headers differ in the name of the data alone.
  EXPECT_EQ(Read("a.json").size(), Read("b.json").size());
  EXPECT_THAT(Files(), UnorderedElementsAre("a.json", "a.f32", "b.json", "b.f32"));
  const ProcessResult same = Run({"crossval", Path("a.json"), Path("b.json"), "--max-relative", "0"});
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
  EXPECT_THAT(same.out, HasSubstr("agree: 20 values"));
  // Its ids are in it: the engine needs nothing else.
  const ProcessResult live = Run({"crossval", Path("a.json"), "-m", nano(), "--max-relative", "0", "--json"});
  EXPECT_EQ(live.exit_code, 0) << live.out << live.err;
  const JsonValue answer = Json(live.out);
  EXPECT_EQ(answer.Find("records")->array().size(), 20u);
  EXPECT_EQ(answer.AtPath("/records/19/kl_mean")->double_value(), 0);
}

TEST_F(EvalCliTest, ALlamaIsTracedAndComparedToo) {
  const TestingModel llama("tiny-llama", 3);
  Write("ids.i32", RawIds({5, 17, 300}));
  ASSERT_EQ(Run({"trace", llama.path(), "--ids", Path("ids.i32"), "--out", Path("l")}).exit_code, 0);
  EXPECT_THAT(Read("l.json"), Not(HasSubstr("sub_norm"))) << "this architecture has none";
  EXPECT_THAT(Read("l.json"), HasSubstr("layer.1.q_rope"));
  const ProcessResult live = Run({"crossval", Path("l.json"), "-m", llama.path(), "--max-relative", "0"});
  EXPECT_EQ(live.exit_code, 0) << live.out << live.err;
  EXPECT_THAT(live.out, HasSubstr("agree: "));
}

TEST_F(EvalCliTest, LogitsGoBetweenTheThreeForms) {
  Write("ids.i32", RawIds({5, 17, 300, 42, 511}));
  const std::vector<std::string> trace = {"trace", nano(), "--ids", Path("ids.i32"), "--ops", "logits", "--out"};
  for (const char* out : {"l.json", "l.npy"}) {
    std::vector<std::string> args = trace;
    args.push_back(Path(out));
    ASSERT_EQ(Run(args).exit_code, 0) << out;
  }
  EXPECT_EQ(Read("l.npy").substr(128), Read("l.f32"));
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{Path("l.json"), Path("l.npy")},
        {Path("l.npy"), Path("l.f32"), "--candidate-shape", "5,512"},
        {Path("l.f32"), "--shape", "5,512", "-m", nano(), "--ids", Path("ids.i32")},
        {Path("l.npy"), "-m", nano(), "--ids", Path("l.json")}}) {
    std::vector<std::string> all = {"crossval", "--max-relative", "0"};
    all.insert(all.end(), args.begin(), args.end());
    const ProcessResult result = Run(all);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(args) << result.err;
    EXPECT_THAT(result.out, HasSubstr("5 of 5"));
  }
  // A continuation is fed from the reference's own choices: infer's greedy run, of which only the prompt is given.
  ASSERT_EQ(Run({"infer", "-m", nano(), "--prompt-ids", Path("ids.i32"), "--greedy", "--ignore-eos", "-n", "4",
                 "--dump-logits", Path("g.f32")})
                .exit_code,
            0);
  const std::vector<std::string> greedy = {"crossval", Path("g.f32"), "--shape", "9,512",
                                           "-m",       nano(),        "--ids",   Path("ids.i32")};
  EXPECT_EQ(Run(greedy).exit_code, 2);
  EXPECT_THAT(Run(greedy).err, HasSubstr("expected 9, one for each position"));
  std::vector<std::string> continued = greedy;
  continued.insert(continued.end(), {"--continue-greedy", "--max-relative", "0"});
  const ProcessResult result = Run(continued);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("9 of 9"));
}

TEST_F(EvalCliTest, ADivergenceIsNamedAndTheExitCodeSaysIt) {
  ASSERT_EQ(Run({"trace", nano(), "-p", "some words", "--out", Path("a")}).exit_code, 0);
  const JsonValue header = Json(Read("a.json"));
  std::string json = Read("a.json"), data = Read("a.f32");
  for (const JsonValue& record : header.Find("records")->array()) {
    const std::string sha256 = record.Find("sha256")->string();
    // A header may leave its digests out; this one's would tell.
    const std::string member = absl::StrCat(",\n      \"sha256\": \"", sha256, "\"");
    ASSERT_NE(json.find(member), std::string::npos);
    json.erase(json.find(member), member.size());
    if (record.Find("name")->string() != "layer.0.attn_sub_norm") continue;
    const uint64_t row = *record.AtPath("/shape/1")->AsUint64() * sizeof(float);
    const float wrong = 1e9f;
    std::memcpy(data.data() + *record.Find("offset")->AsUint64() + 1 * row, &wrong, sizeof(wrong));
  }
  json.replace(json.find("a.f32"), 5, "d.f32");
  Write("d.json", json);
  Write("d.f32", data);
  const ProcessResult table = Run({"crossval", Path("a.json"), Path("d.json"), "--per-position"});
  EXPECT_EQ(table.exit_code, 1) << table.err;
  EXPECT_THAT(table.out, HasSubstr("first divergence: layer.0.attn_sub_norm, position 1: relative "));
  EXPECT_THAT(table.out, HasSubstr("  position 0"));
  EXPECT_EQ(table.err, "");
  const ProcessResult live = Run({"crossval", Path("d.json"), "-m", nano(), "--json"});
  EXPECT_EQ(live.exit_code, 1) << live.err;
  const JsonValue answer = Json(live.out);
  EXPECT_EQ(answer.AtPath("/first_divergence/layer")->AsInt64(), 0);
  EXPECT_EQ(answer.AtPath("/first_divergence/op")->string(), "attn_sub_norm");
  EXPECT_EQ(answer.AtPath("/first_divergence/position")->AsInt64(), 1);
  EXPECT_FALSE(answer.Find("agrees")->bool_value());
  // What was damaged is one float of one value; all others are as they were.
  size_t diverged = 0;
  for (const JsonValue& record : answer.Find("records")->array()) diverged += !record.Find("agrees")->bool_value();
  EXPECT_EQ(diverged, 1u);
}

TEST_F(EvalCliTest, WhatCannotBeMeantIsRefusedByName) {
  const std::string model = nano();
  Write("ids.i32", RawIds({5, 17, 300}));
  Write("x.f32", std::string(3 * kNanoVocab * sizeof(float), '\0'));
  const float nan = std::nanf("");
  std::string bad(3 * kNanoVocab * sizeof(float), '\0');
  std::memcpy(bad.data(), &nan, sizeof(nan));
  Write("nan.f32", bad);
  Write("empty.txt", "");
  Write("one.txt", "x");
  Write("x.npy", "\x93NUMPY");
  Write("x.json", "{}");
  const std::vector<std::string> files = Files();
  struct Refusal {
    std::vector<std::string> args;
    std::string message;
  };
  const std::string x = Path("x.f32"), ids = Path("ids.i32"), out = Path("out");
  const std::vector<Refusal> refusals = {
      {{"perplexity", "-m", model}, "--file is required"},
      {{"perplexity", "-m", model, "-f", Path("none.txt")}, "cannot open"},
      {{"perplexity", "-m", model, "-f", Path("empty.txt")},
       "no token to score: expected a text of at least 1 tokens, got 0"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--no-bos"}, "no token to score"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--method", "llamacpp"}, "no token to score"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--ctx", "8", "--stride", "9"}, "stride: expected 1..8"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--bos", "--no-bos"}, "--no-bos"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--method", "llamacpp", "--stride", "8"}, "--stride"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--method", "other"}, "other"},
      {{"perplexity", "-m", model, "-f", Path("one.txt"), "--chunks", "0"}, "--chunks"},
      {{"trace", model, "--out", out}, "exactly one of --prompt TEXT and --ids FILE"},
      {{"trace", model, "-p", "x", "--ids", ids, "--out", out}, "exactly one of --prompt TEXT and --ids FILE"},
      {{"trace", model, "-p", "x"}, "--out is required"},
      {{"trace", model, "--ids", Path("i.npy"), "--ops", "logits", "--out", Path("i.npy")}, "the same file as --ids"},
      {{"trace", model, "--ids", Path("t.json"), "--out", Path("t")}, "the same file as --ids"},
      {{"trace", model, "-p", "x", "--out", out, "--ops", "qq"}, "no value \"qq\""},
      {{"trace", model, "-p", "x", "--out", out, "--layers", "0-1"}, "layers: expected a range within 0-0, got 0-1"},
      {{"trace", model, "-p", "x", "--out", out, "--positions", "3-2"}, "A not above B"},
      {{"trace", model, "-p", "x", "--out", Path("none/out")}, "none/out"},
      {{"trace", model, "-p", "x", "--out", Path("out.npy")}, "a .npy file holds one value"},
      {{"trace", model, "--ids", Path("empty.txt"), "--out", out}, "expected a positive multiple of 4 bytes"},
      {{"crossval", x, "--shape", "3,512"}, "exactly one of a candidate file and --model"},
      {{"crossval", x, x, "-m", model, "--shape", "3,512"}, "exactly one of a candidate file and --model"},
      {{"crossval", x, x}, "give --shape ROWS,WIDTH"},
      {{"crossval", x, x, "--shape", "3,513"}, "expected 6156 bytes"},
      {{"crossval", x, x, "--shape", "0,512"}, "expected ROWS,WIDTH"},
      {{"crossval", x, x, "--shape", "3,512", "--candidate-shape", "6,256"}, "shapes differ: [3][512]"},
      {{"crossval", x, Path("nan.f32"), "--shape", "3,512"}, "position 0, column 0: expected a finite number, got nan"},
      {{"crossval", Path("none.json"), x}, "cannot open"},
      {{"crossval", Path("x.npy"), x, "--shape", "3,512"}, "x.npy: truncated input"},
      {{"crossval", Path("x.json"), x, "--shape", "3,512"}, "x.json: trace header, /format"},
      {{"crossval", x, "--shape", "3,512", "-m", model}, "does not say its token ids"},
      {{"crossval", x, x, "--shape", "3,512", "--max-relative", "nan"}, "--max-relative"},
      {{"crossval", x, x, "--shape", "3,512", "--min-cosine", "nan"}, "--min-cosine"},
      {{"crossval", x, x, "--shape", "3,512", "--value", "layer.x"}, "expected OP or layer.N.OP"},
      {{"crossval", x, "--shape", "3,512", "-m", model, "--ids", ids, "--value", "layer.0.mystery"}, "layer.0.mystery"},
      {{"crossval", Path("x.json"), Path("x.npy"), "--shape", "3,512"}, "--shape: only raw f32 files need it"},
      {{"crossval", x, x, "--shape", "", "--candidate-shape", "3,512"}, "give --shape ROWS,WIDTH"},
      {{"crossval", Path("x.json"), x, "--shape", "3,512", "--candidate-shape", "3,512"}, "--shape: only raw"},
      {{"crossval", x, Path("x.npy"), "--shape", "3,512", "--candidate-shape", "3,512"},
       "--candidate-shape: the candidate says its shape itself"},
      {{"crossval", x, "--shape", "3,512", "--candidate-shape", "3,512", "-m", model},
       "--candidate-shape: there is no candidate file"},
      {{"crossval", Path("x.json"), Path("x.json"), "--value", "q"}, "--value: a trace names its values"},
      {{"crossval", Path("x.json"), "-m", model, "--value", "logits"}, "--value: a trace names its values"},
      {{"trace", model, "--ids", ids, "--no-bos", "--out", out}, "--no-bos: expected with --prompt"},
      {{"trace", model, "--ids", ids, "--special", "--out", out}, "--special: expected with --prompt"},
      {{"trace", model, "--ids", ids, "--out", Path("out\xff")}, "name of a trace: expected UTF-8"},
      {{"trace", model, "--ids", ids, "--ops", "logits", "--out", Path("none/out.npy")}, "none/out.npy"},
  };
  for (const Refusal& refusal : refusals) {
    const ProcessResult result = Run(refusal.args);
    const std::string what = testing::PrintToString(refusal.args);
    EXPECT_EQ(result.exit_code, 2) << what << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(refusal.message)) << what;
    EXPECT_EQ(result.out, "") << what;
  }
  EXPECT_EQ(Files().size(), files.size()) << "a refused command leaves nothing";
}

}  // namespace
}  // namespace bitnet::xtask
