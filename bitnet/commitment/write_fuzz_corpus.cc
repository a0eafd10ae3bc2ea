// Writes the seeds of :commitment_fuzz_test: bazel run //bitnet/commitment:write_fuzz_corpus -- FOLDER

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/commitment/sample_commitment.h"

namespace bitnet {
namespace {

struct Seed {
  const char* name;
  std::function<void(Commitment&)> edit;
};

const Seed kSeeds[] = {
    {"valid", [](Commitment&) {}},
    {"valid_one_position",
     [](Commitment& c) {
       c.numerics.resize(1);
       c.layer_digests.resize(c.layers);
       c.observed = {{StepKind::kPrefill, 0, 1, 1, 0, 5, {}}};
     }},
    {"valid_rejected_rows",
     [](Commitment& c) {
       c.observed[2].rows = c.observed[2].logit_rows = 4;
       c.observed[3].rows = c.observed[3].logit_rows = 2;
     }},
    {"layers_root", [](Commitment& c) { ++c.layer_digests[3][0]; }},
    {"position_skipped", [](Commitment& c) { c.numerics[2].position = 3; }},
    {"choice_without_flag", [](Commitment& c) { c.numerics[3].chosen = false; }},
    {"passes_end_early", [](Commitment& c) { c.observed.pop_back(); }},
    {"passes_overlap", [](Commitment& c) { c.observed[1].first_position = 1; }},
    {"time_backwards", [](Commitment& c) { c.observed[2].begin_ns = 0; }},
    {"kernels_descend", [](Commitment& c) { std::swap(c.observed[3].calls[0], c.observed[3].calls[1]); }},
    {"no_positions", [](Commitment& c) { c.numerics.clear(), c.layer_digests.clear(), c.observed.clear(); }},
};

absl::Status WriteSeeds(const std::string& folder) {
  for (const Seed& seed : kSeeds) {
    Commitment commitment = SampleCommitment();
    seed.edit(commitment);
    const std::vector<uint8_t> bytes = EncodeCommitment(commitment);
    const absl::Status written =
        WriteFileAtomically(absl::StrCat(folder, "/", seed.name, ".bnc"),
                            std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    if (!written.ok()) return written;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace bitnet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus FOLDER\n");
    return 2;
  }
  const absl::Status status = bitnet::WriteSeeds(argv[1]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
