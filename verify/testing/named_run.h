// Honest runs by name, for tables of attacks: an accepted fixture, or "run" and what differs from the usual.

#ifndef VERIFY_TESTING_NAMED_RUN_H_
#define VERIFY_TESTING_NAMED_RUN_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {

// "pass_traced", or "run" and words like "generated=64": model=tiny|llama|2b4t, layers, path, type, prompt, reused,
// generated (and as many requested), requested, chunk, finish, isa, detected, threads, cores, samples, times (seed of
// the times), seed, speed; alone: sampled, traced, capped (--isa was given), every_logit. NotFound or InvalidArgument
// for anything else.
absl::StatusOr<HonestRun> FindHonestRun(std::string_view name);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_NAMED_RUN_H_
