// What the auditor computes itself for a request: digests of a model file, a replay.

#ifndef VERIFY_REPLAY_COMPUTED_ARTIFACTS_H_
#define VERIFY_REPLAY_COMPUTED_ARTIFACTS_H_

#include <string_view>

#include "absl/status/status.h"
#include "verify/artifacts.h"
#include "verify/request.h"

namespace bitnet::verify {

// Adds them to `artifacts`, which has the request's commitment already. `text` is a receipt or the envelope around one;
// a text that is neither gets no replay: the rules say what is wrong with it. An error is of the model file; a run that
// cannot be replayed is no error but a replay that says so.
absl::Status AddComputed(const AuditRequest& request, std::string_view text, Artifacts& artifacts);

}  // namespace bitnet::verify

#endif  // VERIFY_REPLAY_COMPUTED_ARTIFACTS_H_
