#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/status_macros.h"
#include "xtask/build_info.h"
#include "xtask/gates.h"
#include "xtask/sbom.h"
#include "xtask/source_checks.h"
#include "xtask/third_party.h"

namespace bitnet::xtask {
namespace {

constexpr char kSbom[] = "sbom.spdx.json";
constexpr char kInventory[] = "inventory.json";

}  // namespace

absl::StatusOr<GateRun> GatePolicy(const std::vector<std::string>& allowed_licences, const GateContext& context) {
  GateRun run;
  BITNET_ASSIGN_OR_RETURN(const std::vector<ThirdPartySource> sources, ReadInventory(InventoryText()));
  CheckSources(sources, allowed_licences, run);
  BITNET_ASSIGN_OR_RETURN(const BuildFacts build, ReadBuildFacts());
  const SbomSubject subject = {kVersion, build.git_commit, build.exe_sha256,
                               std::string(IdentifyLicence(OwnLicenceText())), absl::Now()};
  for (const auto& [file, text] :
       {std::pair{kInventory, std::string(InventoryText())}, std::pair{kSbom, SpdxJson(subject, sources)}}) {
    BITNET_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(context.folder, "/", file), text));
    AddEvidence(context.folder, file, run);
  }
  run.title = absl::StrCat(sources.size(), " third-party sources");
  return run;
}

}  // namespace bitnet::xtask
