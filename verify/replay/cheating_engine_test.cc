// Runs that cheat, audited as `verify --independent` audits: each is stopped at the level that docs/attacks.md says,
// or, where no output can show it, is shown to pass.

#include "bitnet/engine/cheating/cheating_engine.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/receipt/json_writer.h"
#include "gtest/gtest.h"
#include "verify/audit.h"
#include "verify/replay/computed_artifacts.h"

namespace bitnet::verify {
namespace {

using cheating::Cheat;
using cheating::CheatedRun;
using cheating::CheatPlan;
using cheating::CheatRequest;

struct Case {
  const char* attack_class;
  const char* what;
  CheatPlan plan;
  Level believed = Level::kL1;            // the highest level that accepts it, when `stopped_by` is not of level L1
  std::set<std::string_view> stopped_by;  // rules that must object; empty: none does, at any level
};

const std::set<std::string_view> kRecomputed = {"L4-REPLAY", "L4-INDEPENDENT"};

const std::vector<Case>& Cases() {
  static const auto* const kCases = new std::vector<Case>{
      {"T00", "honest", {Cheat::kNone}, Level::kL4, {}},
      {"T05", "activations never rounded", {Cheat::kFloatActivations}, Level::kL2, kRecomputed},
      // The documented limit: int8 times trits summed in binary32 stays below 2^24, so every sum is the integer.
      {"T06", "the same integers in floats", {Cheat::kFloatSums}, Level::kL4, {}},
      {"T07", "a layer skipped", {Cheat::kSkipLayer}, Level::kL0, {"L1-COUNT"}},
      {"T07", "a layer skipped and counted", {Cheat::kSkipLayer, true}, Level::kL2, kRecomputed},
      {"T07", "early exit", {Cheat::kEarlyExit}, Level::kL0, {"L1-COUNT"}},
      {"T07", "early exit with full counts", {Cheat::kEarlyExit, true}, Level::kL2, kRecomputed},
      {"T09", "a scale changed in memory", {Cheat::kScaledWeights}, Level::kL2, kRecomputed},
      {"T11", "canned tokens", {Cheat::kCannedTokens}, Level::kL1, {"L2-IDS"}},
      {"T11", "canned tokens called most likely", {Cheat::kCannedTokens, true}, Level::kL2, kRecomputed},
      {"T12", "a prompt computed before", {Cheat::kWarmPrefix}, Level::kL0, {"L1-COUNT", "L1-TOKENS", "L1-TRACE"}},
      {"T13", "tokens of the first layer", {Cheat::kDraft}, Level::kL1, {"L2-IDS"}},
      {"T13", "tokens of the first layer called most likely", {Cheat::kDraft, true}, Level::kL2, kRecomputed},
      {"T18",
       "times of a faster machine than there is",
       {Cheat::kShrunkClock, false, 100'000},
       Level::kL0,
       {"L1-ROOF"}},
      // A machine could have been twice as fast: only who launches and times the run himself can tell.
      {"T18", "times halved", {Cheat::kShrunkClock, false, 2}, Level::kL4, {}},
      {"T47", "the second best token", {Cheat::kSecondBest}, Level::kL1, {"L2-IDS"}},
      {"T47", "the second best token called the best", {Cheat::kSecondBest, true}, Level::kL2, kRecomputed},
      {"T48", "denormals flushed", {Cheat::kFlushedDenormals}, Level::kL0, {"L1-FPENV"}},
      {"T48", "rounded down", {Cheat::kRoundedDown}, Level::kL0, {"L1-FPENV"}},
      {"T48", "rounded down and not told", {Cheat::kRoundedDown, true}, Level::kL2, kRecomputed},
      {"T49", "sums in lanes that saturate", {Cheat::kSaturatingLanes}, Level::kL2, kRecomputed},
  };
  return *kCases;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.attack_class << " " << c.what; }

CheatRequest RequestOn(const TestingModel& model, const CheatPlan& plan) {
  CheatRequest request;
  request.plan = plan;
  request.model_path = model.path();
  request.prompt = TestingIds(37, 2048);
  return request;
}

CheatedRun Executed(const CheatRequest& request) {
  auto run = cheating::RunCheating(request);
  CHECK(run.ok()) << run.status();
  return *std::move(run);
}

// With everything that `verify --model --commitment --independent` has. `model` is the auditor's own file.
class Audited {
 public:
  Audited(const CheatedRun& run, const std::string& model) : text_(WriteReceiptJson(run.receipt)) {
    artifacts_.commitment = run.commitment;
    AuditRequest request;
    request.model = model;
    request.replay = request.independent = true;
    request.threads = 1;
    CHECK_OK(AddComputed(request, text_, artifacts_));
  }

  AuditReport At(Level level) const {
    Policy policy;
    policy.min_level = level;
    Artifacts artifacts = artifacts_;
    if (level < Level::kL2) artifacts.commitment.reset();
    return AuditReceiptText(text_, policy, absl::Now(), artifacts);
  }

 private:
  std::string text_;
  Artifacts artifacts_;
};

std::set<std::string_view> Objecting(const AuditReport& report) {
  std::set<std::string_view> rules;
  for (const CheckReport& check : report.checks) {
    if (check.result.status == CheckStatus::kFail) rules.insert(check.rule->id);
  }
  return rules;
}

std::string Objections(const AuditReport& report) {
  std::string text(VerdictName(report.verdict));
  for (const CheckReport& check : report.checks) {
    if (check.blocks) absl::StrAppend(&text, "\n  ", check.rule->id, ": ", check.result.reason);
  }
  return text;
}

class CheatingEngineTest : public testing::TestWithParam<Case> {
 protected:
  static const TestingModel& Model() {
    static const auto* const kModel = new TestingModel("tiny", 5);
    return *kModel;
  }
};

TEST_P(CheatingEngineTest, IsStoppedWhereTheDocumentSays) {
  const Case& c = GetParam();
#if !defined(__x86_64__)
  if (std::string_view(c.attack_class) == "T48") GTEST_SKIP() << "the cheat sets MXCSR, which this CPU lacks";
#endif
  const Audited audited(Executed(RequestOn(Model(), c.plan)), Model().path());
  const AuditReport report = audited.At(Level::kL4);
  EXPECT_EQ(report.verdict == Verdict::kAccept, c.stopped_by.empty()) << Objections(report);
  const std::set<std::string_view> objecting = Objecting(report);
  for (const std::string_view rule : c.stopped_by) EXPECT_TRUE(objecting.contains(rule)) << Objections(report);
  // Below, nothing is wrong with it.
  for (const Level level : {Level::kL0, Level::kL1, Level::kL2}) {
    if (level > c.believed) continue;
    const AuditReport below = audited.At(level);
    EXPECT_EQ(below.verdict, Verdict::kAccept) << LevelName(level) << " " << Objections(below);
  }
  // What is only found by recomputing is found by both ways of it, and by nothing else.
  EXPECT_TRUE(c.stopped_by != kRecomputed || objecting == kRecomputed) << Objections(report);
}

INSTANTIATE_TEST_SUITE_P(All, CheatingEngineTest, testing::ValuesIn(Cases()), [](const auto& info) {
  std::string name = absl::StrCat(info.param.attack_class, "_", info.param.what);
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

TEST(CheatingEngineOnceTest, AnotherModelThanTheOneNamedIsFound) {
  const TestingModel named("tiny", 5), other("tiny", 6);
  CheatRequest request = RequestOn(named, {});
  request.run_path = other.path();
  const Audited audited(Executed(request), named.path());
  EXPECT_EQ(audited.At(Level::kL2).verdict, Verdict::kAccept) << Objections(audited.At(Level::kL2));
  EXPECT_EQ(Objecting(audited.At(Level::kL4)), kRecomputed);
}

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// T10: the file is hashed, then its bytes become another model's, which runs; the file named is what the auditor has.
TEST(CheatingEngineOnceTest, AFileExchangedAfterItWasHashedIsFound) {
  const TestingModel honest("tiny", 5), other("tiny", 6);
  const std::string exchanged = testing::TempDir() + "/exchanged.gguf";
  std::ofstream(exchanged, std::ios::binary) << BytesOf(honest.path());
  CheatRequest request = RequestOn(honest, {});
  request.model_path = exchanged;
  request.after_hashing = [&] {
    std::fstream file(exchanged, std::ios::binary | std::ios::in | std::ios::out);  // in place, as it is mapped
    file << BytesOf(other.path());
    CHECK(file.good());
  };
  const CheatedRun run = Executed(request);
  const Audited audited(run, honest.path());
  EXPECT_EQ(audited.At(Level::kL2).verdict, Verdict::kAccept) << Objections(audited.At(Level::kL2));
  EXPECT_EQ(Objecting(audited.At(Level::kL4)), kRecomputed);
  // And who is given the file that ran sees that it is not the one that was named.
  EXPECT_TRUE(Objecting(Audited(run, exchanged).At(Level::kL2)).contains("L2-MODEL"));
}

// The arithmetic is right and the choice is not: code of its own does not choose, so the replay alone sees it.
TEST(CheatingEngineOnceTest, ASampleFromAnotherSeedIsFoundByTheReplayAlone) {
  const TestingModel model("tiny", 5);
  CheatRequest request = RequestOn(model, {Cheat::kOtherSeed});
  request.sampling = {.temperature = 1.5f, .seed = 3};
  const Audited audited(Executed(request), model.path());
  EXPECT_EQ(audited.At(Level::kL2).verdict, Verdict::kAccept) << Objections(audited.At(Level::kL2));
  EXPECT_EQ(Objecting(audited.At(Level::kL4)), std::set<std::string_view>{"L4-REPLAY"});
  request.plan = {};
  const Audited honest(Executed(request), model.path());
  EXPECT_EQ(honest.At(Level::kL4).verdict, Verdict::kAccept) << Objections(honest.At(Level::kL4));
}

}  // namespace
}  // namespace bitnet::verify
