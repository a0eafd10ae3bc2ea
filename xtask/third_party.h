// What this program is built from that others wrote: the pins of third_party/deps.bzl and the sources' own licence
// files, as the build collected them.

#ifndef XTASK_THIRD_PARTY_H_
#define XTASK_THIRD_PARTY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet::xtask {

struct LicenceFile {
  std::string file;  // its name in the source
  std::string text;
};

struct ThirdPartySource {
  std::string name;      // of the repository in the build
  std::string use;       // "linked" into the shipped programs, or needed by "tests" or the "build" alone
  std::string package;   // of the distribution that carries the tarball
  std::string filename;  // of the tarball: "<package>_<version>.orig.tar.<compression>"
  std::string sha256;    // that the build holds the tarball to
  std::vector<LicenceFile> licences;
};

// What the build put into this program: a JSON array with the members above, and the text of our own licence.
std::string_view InventoryText();
std::string_view OwnLicenceText();

// InvalidArgument when `text` is not such an array.
absl::StatusOr<std::vector<ThirdPartySource>> ReadInventory(std::string_view text);

// "20240722.0" of "abseil_20240722.0.orig.tar.gz"; empty when the name has another form.
std::string SourceVersion(const ThirdPartySource& source);

// The SPDX identifier of a licence by phrases that its text must have, whatever its line breaks: "Apache-2.0",
// "BSD-2-Clause", "BSD-3-Clause" or "MIT". Empty for any other text.
std::string_view IdentifyLicence(std::string_view text);

}  // namespace bitnet::xtask

#endif  // XTASK_THIRD_PARTY_H_
