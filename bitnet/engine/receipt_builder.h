// Receipt builder: from what was recorded to the typed receipt. Names and counts come from the recorder and the kernel
// catalog, digests from bytes, times from clocks; the constants of evidence.arithmetic are those of the profile CA-1,
// which the self-tests hold every kernel to before it may run.

#ifndef BITNET_ENGINE_RECEIPT_BUILDER_H_
#define BITNET_ENGINE_RECEIPT_BUILDER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/model_digest.h"
#include "bitnet/engine/run_clock.h"
#include "bitnet/engine/session.h"
#include "bitnet/receipt/receipt.pb.h"

namespace bitnet {

// About the program itself; filled by the binary, which alone knows.
struct BuildFacts {
  std::string version;
  std::string exe_sha256;
  std::string build_id;
  std::string git_commit;
  bool dirty = true;
  std::string compiler;
  std::string flags;  // what the compiler flags amount to where it matters for the arithmetic
};

// What the run was asked to answer.
struct ChallengeFacts {
  std::string nonce;  // 64 hexadecimal digits
  std::string issued_by;
  std::string plan_digest;  // empty: there is no plan
};

// About the run, seen from outside the session.
struct RunFacts {
  ClockTuple start;  // before the model was loaded
  ClockTuple end;    // after the last token of the reported completion
  std::string requested_isa;  // what --isa said, or "auto"
  IsaSet detected_isa;
  HostInfo host;
  uint64_t read_bandwidth_mbps = 0;                // in-process probe; 0 when it was not made
  std::string timestamp;                           // RFC 3339, UTC
  std::map<std::string, std::string> environment;  // the BITNET_* variables that were set
  struct Sample {
    uint64_t prefill_ns = 0;
    uint64_t decode_ns = 0;
  };
  std::vector<Sample> samples;  // every repetition of a benchmark; empty for a single run
  uint64_t repetition = 0;      // which of them this receipt describes
  std::optional<ChallengeFacts> challenge;
};

// "real" exactly when the run completed, prompt and tokens account for the schedule, and every recorded count equals
// what architecture and schedule imply. The only place where that word is decided.
std::string_view DeriveComputePath(const Session& session, const GenerateRequest& request,
                                   const Completion& completion);

// What the receipt of a run will say that is known before its first token: the members that SessionDigest reads.
receipt::Receipt RunHeader(const Session& session, const GenerateRequest& request, const ModelDigests& digests,
                           const std::optional<ChallengeFacts>& challenge);

receipt::Receipt BuildReceipt(const Session& session, const GenerateRequest& request, const Completion& completion,
                              const ModelDigests& digests, const BuildFacts& build, const RunFacts& run);

}  // namespace bitnet

#endif  // BITNET_ENGINE_RECEIPT_BUILDER_H_
