#include "xtask/benchmark_phases.h"

#include "absl/strings/str_cat.h"
#include "xtask/op_times.h"

namespace bitnet::xtask {

uint64_t DecodeBytesPerToken(const ArchShape& shape, IsaSet isa, const Recorder& recorded) {
  uint64_t tokens = 0;
  uint64_t prompt_rows = 0;
  uint64_t decode_rows = 0;
  uint64_t screened_rows = 0;
  std::vector<ScheduleEntry> decode;
  for (const ScheduleEntry& entry : recorded.schedule()) {
    if (ScreensLogits(entry)) screened_rows += entry.steps * entry.logit_rows;
    if (entry.kind == StepKind::kPrefill) {
      prompt_rows += entry.steps * entry.rows;
      continue;
    }
    decode.push_back(entry);
    tokens += entry.steps * entry.kept_rows();
    decode_rows += entry.steps * entry.logit_rows;
  }
  if (tokens == 0) return 0;
  // Rows of the head that screening left are counted for the whole run; a decode row gets its share.
  HeadScreening screening = recorded.Screening(shape, isa);
  if (screening.screened) screening.head_rows = screening.head_rows * decode_rows / screened_rows;
  uint64_t bytes = 0;
  for (const WorkCount& work : ExpectedWork(shape, decode, prompt_rows, 0, true, isa, screening)) bytes += work.bytes;
  return bytes / tokens;
}

std::vector<PhaseResult> SinglePhases(const PhaseFacts& facts, std::span<const Completion* const> repetitions) {
  const Completion& shown = *repetitions[facts.shown];
  const size_t prompt = shown.prompt.size();
  const size_t output = shown.output.size();
  PhaseResult prefill{.test = absl::StrCat("pp", prompt), .n_prompt = prompt, .timed_tokens = prompt};
  PhaseResult decode{.test = absl::StrCat("tg", output), .n_gen = output, .timed_tokens = output - 1};
  for (const Completion* repetition : repetitions) {
    prefill.samples_ns.push_back(repetition->prefill_ns);
    decode.samples_ns.push_back(repetition->decode_ns);
  }
  prefill.total_ns = shown.prefill_ns;
  prefill.ops = OpTimes(Recorder(), shown.recorded_prefill, shown.prefill_ns);
  if (decode.timed_tokens == 0) return {prefill};
  if (facts.max_draft > 0) absl::StrAppend(&decode.test, "+", facts.max_draft);
  decode.max_draft = static_cast<uint64_t>(facts.max_draft);
  decode.drafted = shown.drafted;
  decode.accepted = shown.accepted;
  const double seconds = Summarise(decode.samples_ns).median_ns * 1e-9 / static_cast<double>(decode.timed_tokens);
  decode.bytes_per_token = DecodeBytesPerToken(facts.shape, facts.isa, shown.recorded);
  decode.read_bw_gbps = static_cast<double>(decode.bytes_per_token) * 1e-9 / seconds;
  if (facts.probe_mbps > 0) decode.roofline_share = decode.read_bw_gbps * 1000 / static_cast<double>(facts.probe_mbps);
  decode.total_ns = shown.decode_ns;
  decode.ops = OpTimes(shown.recorded_prefill, shown.recorded, shown.decode_ns);
  return {prefill, decode};
}

}  // namespace bitnet::xtask
