#include "verify/testing/named_run.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bitnet/base/status_macros.h"
#include "verify/testing/pass_fixtures.h"

namespace bitnet::verify {
namespace {

absl::Status SetModel(std::string_view model, HonestRun& run) {
  if (model == "2b4t") {
    run.arch = k2B4TShape;
  } else if (model == "tiny") {
    run.arch = kTinyShape;
    run.model_path = "tiny.gguf";
  } else if (model == "llama") {
    run.arch = kLlamaShape;
    run.arch_name = "llama";
    run.model_path = "llama.gguf";
  } else {
    return absl::InvalidArgumentError(absl::StrCat("no model \"", model, "\""));
  }
  return absl::OkStatus();
}

absl::Status SetNumber(std::string_view key, std::string_view text, HonestRun& run) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return absl::InvalidArgumentError(absl::StrCat(key, "=", text, " is no number"));
  if (key == "generated") {
    run.generated = run.requested = value;
    return absl::OkStatus();
  }
  const std::pair<std::string_view, uint64_t*> kNumbers[] = {
      {"layers", &run.arch.layers},  {"prompt", &run.prompt},   {"reused", &run.kv_reused}, {"chunk", &run.chunk},
      {"requested", &run.requested}, {"threads", &run.threads}, {"cores", &run.cores},      {"samples", &run.samples},
      {"times", &run.time_seed},     {"seed", &run.seed},       {"draft", &run.draft},
  };
  for (const auto& [name, number] : kNumbers) {
    if (name != key) continue;
    *number = value;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("a run has no \"", key, "\""));
}

absl::Status SetWord(std::string_view word, HonestRun& run) {
  const std::pair<std::string_view, std::string_view> pair = absl::StrSplit(word, absl::MaxSplits('=', 1));
  const auto& [key, value] = pair;
  if (word == "sampled") {
    run.greedy = false;
  } else if (word == "traced") {
    run.trace = true;
  } else if (word == "capped") {
    run.isa_requested = true;
  } else if (word == "every_logit") {
    run.all_prefill_logits = true;
  } else if (key == "model") {
    return SetModel(value, run);
  } else if (key == "path") {
    run.model_path = std::string(value);
  } else if (key == "type") {
    run.quantization_type = std::string(value);
  } else if (key == "finish") {
    run.finish_reason = std::string(value);
  } else if (key == "isa") {
    BITNET_ASSIGN_OR_RETURN(run.isa, ParseIsa(value));
  } else if (key == "detected") {
    BITNET_ASSIGN_OR_RETURN(run.detected, ParseIsa(value));
  } else if (key == "speed") {
    if (!absl::SimpleAtod(value, &run.speed)) return absl::InvalidArgumentError(absl::StrCat(word, " is no number"));
  } else {
    return SetNumber(key, value, run);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HonestRun> FindHonestRun(std::string_view name) {
  for (PassFixture& fixture : PassFixtures()) {
    if (fixture.name == name) return std::move(fixture.run);
  }
  if (!absl::ConsumePrefix(&name, "run ")) {
    return absl::NotFoundError(absl::StrCat("no accepted fixture \"", name, "\""));
  }
  HonestRun run;
  for (const std::string_view word : absl::StrSplit(name, ' ', absl::SkipEmpty())) {
    BITNET_RETURN_IF_ERROR(SetWord(word, run));
  }
  return run;
}

}  // namespace bitnet::verify
