// A small honest run with everything that an auditor may be given beside its receipt.

#ifndef VERIFY_TESTING_COMMITTED_RUN_H_
#define VERIFY_TESTING_COMMITTED_RUN_H_

#include "verify/testing/honest_commitment.h"
#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {

struct CommittedRun {
  receipt::Receipt receipt;
  Artifacts artifacts;
};

// Seven prompt tokens in chunks of three, five generated; vocabulary of 2048.
inline CommittedRun HonestCommittedRun() {
  HonestRun run;
  run.arch = kTinyShape;
  run.model_path = "tiny-i2_s.gguf";
  run.prompt = 7;
  run.chunk = 3;
  run.requested = run.generated = 5;
  run.trace = true;
  CommittedRun committed{HonestReceipt(run), {}};
  committed.artifacts = HonestArtifacts(committed.receipt);
  committed.artifacts.commitment = HonestCommitment(run, committed.receipt);
  return committed;
}

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_COMMITTED_RUN_H_
