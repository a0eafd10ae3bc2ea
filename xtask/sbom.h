// The bill of materials of this program, as SPDX 2.3 has it.

#ifndef XTASK_SBOM_H_
#define XTASK_SBOM_H_

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "xtask/third_party.h"

namespace bitnet::xtask {

struct SbomSubject {
  std::string version;     // of this program
  std::string commit;      // that it was built from
  std::string exe_sha256;  // of its file
  std::string licence;     // SPDX identifier of its own licence; empty: kNoLicence
  absl::Time created;      // of the document
};

// What stands for a licence that nothing asserts.
inline constexpr char kNoLicence[] = "NOASSERTION";

// The licence of a source when all its licence files name one, by their texts; kNoLicence otherwise.
std::string SourceLicence(const ThirdPartySource& source);

// SPDX 2.3 JSON: a package for this program, one for each source with version, checksum and licence, related by its
// use, and one for the system's OpenSSL, which the program depends on without pinning it. The same subject and sources
// give the same bytes.
std::string SpdxJson(const SbomSubject& subject, std::span<const ThirdPartySource> sources);

}  // namespace bitnet::xtask

#endif  // XTASK_SBOM_H_
