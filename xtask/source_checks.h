// What the gate `policy` asks of every third-party source: a pin and a licence that is allowed.

#ifndef XTASK_SOURCE_CHECKS_H_
#define XTASK_SOURCE_CHECKS_H_

#include <span>
#include <string>
#include <vector>

#include "xtask/gate_run.h"
#include "xtask/third_party.h"

namespace bitnet::xtask {

// SPDX identifiers.
std::vector<std::string> DefaultAllowedLicences();

// Two checks for each source. pin.NAME: a tarball with a version in its name and a SHA-256; licence.NAME: licence files
// that all say the same licence, one of `allowed`. Sets what was measured: whether there were sources.
void CheckSources(std::span<const ThirdPartySource> sources, std::span<const std::string> allowed, GateRun& run);

}  // namespace bitnet::xtask

#endif  // XTASK_SOURCE_CHECKS_H_
