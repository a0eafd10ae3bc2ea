#include "bitnet/engine/cheating/cheating_engine.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/session_digest.h"
#include "bitnet/engine/cheating/cheating_pass.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/model_digest.h"
#include "bitnet/engine/receipt_builder.h"
#include "bitnet/engine/run_clock.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/sample/sample.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bitnet::cheating {
namespace {

constexpr int64_t kChunk = 16;
constexpr uint32_t kFlushing = kDefaultFloatControl | 0x8040;  // FTZ and DAZ
constexpr uint32_t kDown = kDefaultFloatControl | 0x2000;

std::optional<uint32_t> FloatControlOf(Cheat cheat) {
  if (cheat == Cheat::kFlushedDenormals) return kFlushing;
  if (cheat == Cheat::kRoundedDown) return kDown;
  return std::nullopt;
}

void SetFloatControl(uint32_t control) {
#if defined(__x86_64__)
  _mm_setcsr(control);
#endif
}

// The lowest id of the largest logit but that of `best`.
TokenId SecondBest(std::span<const float> logits, uint32_t best) {
  TokenId second = best == 0 ? 1 : 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (i != best && logits[i] > logits[static_cast<size_t>(second)]) second = static_cast<TokenId>(i);
  }
  return second;
}

// Chooses tokens, or seems to.
class Chooser {
 public:
  Chooser(Session& session, const CheatRequest& request, Committer& committer)
      : context_(session.context()),
        plan_(request.plan),
        sampler_(Params(request)),
        committer_(committer),
        history_(request.prompt) {}

  TokenId Next(const CheatingPass& pass) {
    TopTwo top = TopTwoOf(pass.logits());
    const bool greedy = sampler_.params().IsArgmax();
    TokenId id =
        greedy ? Argmax(context_, pass.logits()) : Sample(context_, sampler_, pass.logits(), history_, history_.size());
    if (plan_.cheat == Cheat::kCannedTokens) {
      id = static_cast<TokenId>((31 + 7919 * history_.size()) % pass.logits().size());
    } else if (plan_.cheat == Cheat::kSecondBest) {
      id = SecondBest(pass.logits(), top.argmax);
    } else if (plan_.cheat == Cheat::kDraft) {
      id = static_cast<TokenId>(TopTwoOf(pass.draft()).argmax);
    }
    if (plan_.covered_up && greedy) top.argmax = static_cast<uint32_t>(id);
    committer_.OnChoice(pass.position() - 1, top, id);
    history_.push_back(id);
    return id;
  }

 private:
  static SamplingParams Params(const CheatRequest& request) {
    SamplingParams params = request.sampling;
    if (request.plan.cheat == Cheat::kOtherSeed) ++params.seed;
    return params;
  }

  KernelContext& context_;
  const CheatPlan plan_;
  const Sampler sampler_;
  Committer& committer_;
  std::vector<TokenId> history_;
};

Recorder WithTimesDivided(const Recorder& recorder, uint64_t divisor) {
  Recorder told;
  for (const KernelInfo& info : KernelTable()) {
    const KernelRecord& record = recorder.record(info.kernel);
    told.Record(info.kernel, record.work, record.work.calls == 0 ? 0 : std::max<uint64_t>(1, record.ns / divisor));
  }
  for (const ScheduleEntry& entry : recorder.schedule()) {
    for (uint64_t i = 0; i < entry.steps; ++i) told.RecordStep(entry.kind, entry.rows, entry.logit_rows);
  }
  return told;
}

// Every clock as if only so much of the time since `from` had passed.
ClockTuple Shrunk(const ClockTuple& from, const ClockTuple& to, uint64_t divisor) {
  const auto shrink = [&](uint64_t ClockTuple::*clock) { return from.*clock + (to.*clock - from.*clock) / divisor; };
  return {.monotonic_raw_ns = shrink(&ClockTuple::monotonic_raw_ns),
          .boottime_ns = shrink(&ClockTuple::boottime_ns),
          .realtime_ns = shrink(&ClockTuple::realtime_ns),
          .tsc = shrink(&ClockTuple::tsc),
          .process_cpu_ns = shrink(&ClockTuple::process_cpu_ns)};
}

BuildFacts UsualBuild() {
  return {.version = "1.0.0",
          .exe_sha256 = ToHex(Sha256Of("an engine that cheats")),
          .build_id = "0123456789abcdef0123456789abcdef01234567",
          .git_commit = "89abcdef0123456789abcdef0123456789abcdef",
          .dirty = false,
          .compiler = "g++ 12.2.0",
          .flags = "optimize=1 fast_math=0 ndebug=1 sanitizer=0 contract=off"};
}

// Feeds the prompt and generates, as the plan says.
class Run {
 public:
  Run(const CheatRequest& request, Session& session, const LoadedModel& executed, Committer& committer)
      : request_(request),
        session_(session),
        committer_(committer),
        greedy_(request.sampling.IsArgmax()),
        pass_(executed, session, request.plan, std::max<int64_t>(kChunk, static_cast<int64_t>(request.prompt.size())),
              static_cast<int64_t>(request.prompt.size()) + request.tokens),
        chooser_(session, request, committer) {}

  absl::StatusOr<Completion> Complete() {
    Completion completion;
    completion.prompt = request_.prompt;
    std::span<const TokenId> prompt = request_.prompt;
    if (request_.plan.cheat == Cheat::kWarmPrefix) {
      BITNET_RETURN_IF_ERROR(pass_.Forward(StepKind::kPrefill, prompt.first(prompt.size() - 1), 0, greedy_, nullptr));
      session_.Reset();  // the recorder begins here
      prompt = prompt.last(1);
    }
    const uint64_t start = pass_.ToldNs();
    for (size_t begin = 0; begin < prompt.size(); begin += kChunk) {
      const size_t rows = std::min<size_t>(kChunk, prompt.size() - begin);
      BITNET_RETURN_IF_ERROR(
          Forward(StepKind::kPrefill, prompt.subspan(begin, rows), begin + rows == prompt.size() ? 1 : 0));
    }
    completion.output.push_back(chooser_.Next(pass_));
    const uint64_t first_token = pass_.ToldNs();
    while (static_cast<int64_t>(completion.output.size()) < request_.tokens) {
      const TokenId id = completion.output.back();
      BITNET_RETURN_IF_ERROR(Forward(StepKind::kDecode, std::span(&id, 1), 1));
      completion.output.push_back(chooser_.Next(pass_));
    }
    completion.prefill_ns = first_token - start;
    completion.decode_ns = pass_.ToldNs() - first_token;
    completion.recorded = WithTimesDivided(session_.recorder(), request_.plan.clock_divisor);
    completion.commitment = {committer_.session(), committer_.Close()};
    return completion;
  }

 private:
  absl::Status Forward(StepKind kind, std::span<const TokenId> ids, int64_t logit_rows) {
    const std::optional<uint32_t> control = FloatControlOf(request_.plan.cheat);
    if (control) SetFloatControl(*control);
    const absl::Status status = pass_.Forward(kind, ids, logit_rows, greedy_, &committer_);
    if (control) SetDefaultFloatControl();
    return status;
  }

  const CheatRequest& request_;
  Session& session_;
  Committer& committer_;
  const bool greedy_;
  CheatingPass pass_;
  Chooser chooser_;
};

}  // namespace

absl::StatusOr<CheatedRun> RunCheating(const CheatRequest& request) {
  ThreadPool pool(1);
  RunFacts facts;
  facts.start = ReadClocks();
  facts.host = ReadHostInfo();
  facts.detected_isa = DetectIsaSet();
  facts.requested_isa = "auto";
  facts.read_bandwidth_mbps = 40'000;
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<const LoadedModel> named, LoadedModel::Load(request.model_path, pool));
  std::unique_ptr<const LoadedModel> other;
  if (!request.run_path.empty()) {
    BITNET_ASSIGN_OR_RETURN(other, LoadedModel::Load(request.run_path, pool));
  }
  const int64_t positions = static_cast<int64_t>(request.prompt.size()) + request.tokens;
  BITNET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Session> session,
      Session::Create(*named, pool, {.isa = facts.detected_isa.Intersect(IsasWithKernels()), .context = positions}));
  const ModelDigests digests = ComputeModelDigests(*named, pool);
  if (request.after_hashing) request.after_hashing();
  const ClockTuple loaded = ReadClocks();

  GenerateRequest told;
  told.prompt = request.prompt;
  told.max_tokens = request.tokens;
  told.sampling = request.sampling;
  Committer committer(named->config.shape, SessionDigest(RunHeader(*session, told, digests, std::nullopt)), pool,
                      /*keep=*/true);
  Run run(request, *session, other != nullptr ? *other : *named, committer);
  BITNET_ASSIGN_OR_RETURN(const Completion completion, run.Complete());
  facts.end = Shrunk(loaded, ReadClocks(), request.plan.clock_divisor);
  facts.timestamp = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());

  CheatedRun cheated;
  cheated.receipt = BuildReceipt(*session, told, completion, digests, UsualBuild(), facts);
  cheated.receipt.set_compute_path("real");
  const std::optional<uint32_t> control = FloatControlOf(request.plan.cheat);
  if (control && !request.plan.covered_up) cheated.receipt.mutable_evidence()->mutable_host()->set_mxcsr(*control);
  cheated.commitment = committer.commitment();
  return cheated;
}

}  // namespace bitnet::cheating
