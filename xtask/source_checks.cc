#include "xtask/source_checks.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "xtask/sbom.h"

namespace bitnet::xtask {
namespace {

bool IsSha256(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void CheckPin(const ThirdPartySource& source, GateRun& run) {
  const bool pinned = IsSha256(source.sha256) && !SourceVersion(source).empty();
  run.Add(absl::StrCat("pin.", source.name), pinned ? GateOutcome::kPassed : GateOutcome::kFailed,
          absl::StrCat(source.filename, ", sha256 \"", source.sha256, "\"",
                       pinned ? ""
                              : "; expected a tarball with a version in its name and 64 hexadecimal digits: pin it in "
                                "third_party/deps.bzl"));
}

void CheckLicence(const ThirdPartySource& source, std::span<const std::string> allowed, GateRun& run) {
  const std::string licence = SourceLicence(source);
  // Whoever allows "NOASSERTION" has allowed nothing by it: a source without a licence is never good.
  const bool good = licence != kNoLicence && std::ranges::find(allowed, licence) != allowed.end();
  const auto file_name = [](std::string* out, const LicenceFile& file) { *out += file.file; };
  run.Add(absl::StrCat("licence.", source.name), good ? GateOutcome::kPassed : GateOutcome::kFailed,
          absl::StrCat(licence, " by ",
                       source.licences.empty() ? "no file" : absl::StrJoin(source.licences, ", ", file_name),
                       good ? "" : absl::StrCat("; allowed: ", absl::StrJoin(allowed, ", "))));
}

}  // namespace

std::vector<std::string> DefaultAllowedLicences() { return {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT"}; }

void CheckSources(std::span<const ThirdPartySource> sources, std::span<const std::string> allowed, GateRun& run) {
  for (const ThirdPartySource& source : sources) {
    CheckPin(source, run);
    CheckLicence(source, allowed, run);
  }
  run.measured = !sources.empty();
}

}  // namespace bitnet::xtask
