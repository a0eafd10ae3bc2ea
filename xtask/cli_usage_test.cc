// The command line of xtask: help, refusals, environment, colours, completion.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCommands[] = {"benchmark",    "bench-compare",  "baseline",   "gate",       "convert",
                                     "infer",        "inspect",        "tokenize",   "doctor",     "gen-model",
                                     "quant-report", "verify-receipt", "completion", "perplexity", "trace",
                                     "crossval",     "keygen",         "sign",       "batch"};

TEST_F(CliTest, EveryCommandHasHelpWithExamples) {
  const ProcessResult all = Run({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_EQ(all.err, "");
  for (const char* command : kCommands) {
    EXPECT_THAT(all.out, HasSubstr(command));
    const ProcessResult help = Run({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Examples:")) << command;
    EXPECT_THAT(help.out, HasSubstr(std::string("xtask ") + command));
    EXPECT_EQ(help.err, "") << command;
  }
  EXPECT_THAT(Run({"--version"}).out, testing::StartsWith("xtask "));
}

struct Refusal {
  std::vector<std::string> args;
  std::string message;
};

TEST_F(CliTest, WhatCannotBeMeantIsRefusedByName) {
  const std::string model = nano();
  const std::vector<Refusal> refusals = {
      {{}, "subcommand"},
      {{"frobnicate"}, "frobnicate"},
      {{"infer", "-m", model, "-p", "x", "--frobnicate"}, "--frobnicate"},
      {{"infer", "-p", "x"}, "--model is required"},
      {{"infer", "-m", Path("none.gguf"), "-p", "x"}, "cannot open " + Path("none.gguf")},
      {{"infer", "-m", folder_, "-p", "x"}, "not a regular file"},
      {{"infer", "-m", model}, "a prompt is needed: exactly one of"},
      {{"infer", "-m", Path("none.gguf")}, "a prompt is needed: exactly one of"},
      {{"infer", "-m", model, "-p", "x", "--prompt-ids", "y"}, "a prompt is needed: exactly one of"},
      {{"infer", "-m", model, "-p", "x", "--isa", "sse9"}, "sse9"},
      {{"infer", "-m", model, "-p", "x", "--isa", "neon"}, "neon"},
      {{"infer", "-m", model, "-p", "x", "--threads", "0"}, "--threads"},
      {{"infer", "-m", model, "-p", "x", "--threads", "many"}, "--threads"},
      {{"infer", "-m", model, "-p", "x", "--tokens", "0"}, "tokens to generate: expected at least 1, got 0"},
      {{"infer", "-m", model, "-p", "x", "--tokens", "5000"}, "context"},
      {{"infer", "-m", model, "-p", "x", "--top-p", "1.5"}, "top-p"},
      {{"infer", "-m", model, "-p", "x", "--temperature", "-1"}, "temperature"},
      {{"infer", "-m", model, "-p", "x", "--seed", "9007199254740992"}, "--seed"},
      {{"infer", "-m", model, "--prompt-file", Path("none.txt")}, "cannot open " + Path("none.txt")},
      {{"infer", "-m", model, "-p", "x", "--receipt", Path("none/r.json")}, "none/r.json"},
      {{"infer", "-m", model, "-p", "x", "--dump-logits", Path("none/l.f32")}, "none/l.f32"},
      {{"benchmark", "-m", model, "-o", "xml"}, "xml"},
      {{"benchmark", "-m", Path("none.gguf")}, "cannot open " + Path("none.gguf")},
      {{"benchmark", "-m", model, "-p", "5000"}, "context"},
      {{"benchmark", "-m", model, "-p", "4", "-n", "2", "--receipt", Path("none/r.json")}, "none/r.json"},
      {{"gen-model", "--preset", "giant", "--out", Path("m")}, "no preset \"giant\""},
      {{"gen-model", "--preset", "nano"}, "--out is required"},
      {{"gen-model", "--preset", "nano", "--layer-gain", "nan", "--out", Path("m")}, "--layer-gain: expected a number"},
      {{"gen-model", "--preset", "nano", "--out", Path("none/m")}, "none/m"},
      {{"tokenize", "-m", model, "--decode", "512"}, "512"},
      {{"inspect", Path("none.gguf")}, "cannot open " + Path("none.gguf")},
      {{"verify-receipt", Path("none.json")}, "cannot open " + Path("none.json")},
      {{"verify-receipt", model, "--level", "L9"}, "L9"},
      {{"completion", "tcsh"}, "tcsh"},
      {{"verify-receipt", folder_}, "cannot read " + folder_ + ": Is a directory; name a file that can be read"},
      {{"verify-receipt", Path("none.json")}, "none.json: No such file or directory; name a file that can be read"},
      {{"doctor", "--isa", "sse9"}, "sse9"},
      {{"doctor", "-m", Path("none.gguf")}, "cannot open " + Path("none.gguf")},
  };
  for (const Refusal& refusal : refusals) {
    const ProcessResult result = Run(refusal.args);
    const std::string what = testing::PrintToString(refusal.args);
    EXPECT_EQ(result.exit_code, 2) << what << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(refusal.message)) << what;
    EXPECT_EQ(result.out, "") << what;
  }
  EXPECT_THAT(Files(), ElementsAre()) << "a refused command leaves nothing";
}

TEST_F(CliTest, WhatVerifyCannotReadIsSaidWithTheReason) {
  ProcessResult result = RunProgram({Verify(), folder_});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "verify: cannot read " + folder_ +
                            ": Is a directory; name a file that can be read, or - for standard input\n");
  result = RunProgram({Verify(), Path("none.json")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("none.json: No such file or directory; name a file that can be read"));
}

TEST_F(CliTest, AModelThatIsNoneIsRefusedByEveryCommand) {
  Write("text.gguf", "hello");
  for (const std::vector<std::string>& args : {std::vector<std::string>{"infer", "-m", Path("text.gguf"), "-p", "x"},
                                               {"benchmark", "-m", Path("text.gguf")},
                                               {"inspect", Path("text.gguf")},
                                               {"tokenize", "-m", Path("text.gguf"), "x"}}) {
    const ProcessResult result = Run(args);
    EXPECT_EQ(result.exit_code, 2) << args[0] << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(Path("text.gguf") + ": ")) << args[0];
  }
}

TEST_F(CliTest, BadEnvironmentIsRefusedByName) {
  const std::pair<const char*, const char*> bad[] = {{"BITNET_SEED", "x"},         {"BITNET_SEED", "-1"},
                                                     {"BITNET_SEED", "1e3"},       {"BITNET_SEED", "9007199254740992"},
                                                     {"BITNET_STRICT_MODE", "2"},  {"BITNET_STRICT_MODE", "true"},
                                                     {"BITNET_DETERMINISTIC", "y"}};
  for (const auto& [name, value] : bad) {
    ProcessOptions options = options_;
    options.environment[name] = value;
    const ProcessResult result = Process({Program(), "infer", "-m", nano(), "-p", "x"}, options).Wait();
    EXPECT_EQ(result.exit_code, 2) << name << "=" << value;
    EXPECT_THAT(result.err, HasSubstr(std::string(name) + ": expected "));
    EXPECT_THAT(result.err, HasSubstr(std::string("got \"") + value + "\""));
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(CliTest, ColourIsForTerminalsWithoutNoColor) {
  const std::vector<std::string> args = {"infer", "-m", Path("none.gguf"), "-p", "x"};
  EXPECT_THAT(Run(args).err, Not(HasSubstr("\033["))) << "a pipe";
  options_.terminal = true;
  EXPECT_THAT(Run(args).err, HasSubstr("\033["));
  options_.environment["NO_COLOR"] = "1";
  EXPECT_THAT(Run(args).err, Not(HasSubstr("\033[")));
  EXPECT_THAT(Run(args).err, HasSubstr("error: "));
  options_.environment.erase("NO_COLOR");
  options_.environment["TERM"] = "dumb";
  EXPECT_THAT(Run(args).err, Not(HasSubstr("\033[")));
}

TEST_F(CliTest, ProgressIsForTerminals) {
  const std::vector<std::string> args = {"gen-model", "--preset", "nano", "--out", Path("m.gguf")};
  EXPECT_EQ(Run(args).err, "");
  options_.terminal = true;
  EXPECT_THAT(Run(args).err, HasSubstr("100%"));
}

TEST_F(CliTest, CompletionScriptsKnowEveryCommandAndBashCanReadThem) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const ProcessResult script = Run({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    for (const char* command : kCommands) EXPECT_THAT(script.out, HasSubstr(command)) << shell;
    EXPECT_THAT(script.out, HasSubstr("prefill-chunk")) << shell;
    if (std::string(shell) == "bash") {
      Write("completion.bash", script.out);
      const ProcessResult checked = RunProgram({"/bin/bash", "-n", Path("completion.bash")});
      EXPECT_EQ(checked.exit_code, 0) << checked.err;
      // It really completes: a command, and a flag of one.
      const ProcessResult used =
          RunProgram({"/bin/bash", "-c",
                      "source " + Path("completion.bash") +
                          "; COMP_WORDS=(xtask bench) COMP_CWORD=1; _xtask; echo ${COMPREPLY[@]};"
                          " COMP_WORDS=(xtask infer --dump) COMP_CWORD=2; _xtask; echo ${COMPREPLY[@]}"});
      EXPECT_EQ(used.out, "benchmark bench-compare\n--dump-logits\n") << used.err;
    }
  }
}

}  // namespace
}  // namespace bitnet::xtask
