// L1-BUILD (RS-137): the receipt names the program: executable, source, flags, kernel registry. The registry must be
// the auditor's own, for otherwise ids and counts mean something else; the flags must keep the arithmetic's meaning.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/sha256.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// Linkers write 8, 16, 20 or 32 bytes.
bool IsBuildId(std::string_view text) {
  return text.size() >= 16 && text.size() <= 64 && text.size() % 2 == 0 && IsLowerHex(text, text.size());
}

// The flags in clear are what their digest says, each once, and none of them reorders or contracts floating point.
void CheckFlags(RuleFacts& facts) {
  const std::string_view flags = facts.Text("/evidence/build/flags");
  facts.ExpectEqual("/evidence/build/flags_digest", facts.Text("/evidence/build/flags_digest"),
                    ToHex(Sha256Of(flags)));
  absl::flat_hash_map<std::string_view, std::string_view> values;
  for (const std::string_view word : absl::StrSplit(flags, ' ')) {
    const std::pair<std::string_view, std::string_view> flag = absl::StrSplit(word, absl::MaxSplits('=', 1));
    facts.Expect(values.insert(flag).second, [&] {
      return absl::StrCat("/evidence/build/flags is \"", flags, "\": \"", flag.first, "\" stands there twice");
    });
  }
  for (const auto& [name, needed] : {std::pair{"fast_math", "0"}, std::pair{"contract", "off"}}) {
    const auto found = values.find(name);
    facts.Expect(found != values.end() && found->second == needed, [&] {
      return absl::StrCat("/evidence/build/flags is \"", flags, "\"; expected ", name, "=", needed, " among them");
    });
  }
}

}  // namespace

CheckResult CheckBuild(const AuditInput& input) {
  RuleFacts facts(input);
  for (const char* member : {"exe_sha256", "flags_digest", "kat_digest"}) {
    facts.ExpectDigest(absl::StrCat("/evidence/build/", member));
  }
  CheckFlags(facts);
  facts.ExpectEqual("/evidence/build/registry_digest", facts.Text("/evidence/build/registry_digest"),
                    ToHex(RegistryDigest()));
  const std::string_view build_id = facts.Text("/evidence/build/build_id");
  facts.Expect(IsBuildId(build_id), [&] {
    return absl::StrCat("/evidence/build/build_id is \"", build_id, "\"; expected a linker's build id in hexadecimal");
  });
  // A source tree without git (a release archive) has no commit to name; a strict policy does not take that.
  const bool strict = input.policy.strict;
  const std::string_view commit = facts.Text("/evidence/build/git_commit");
  facts.Expect(IsLowerHex(commit, 40) || IsLowerHex(commit, 64) || (!strict && commit == "unknown"), [&] {
    return absl::StrCat("/evidence/build/git_commit is \"", commit, "\"; expected the hexadecimal id of a commit");
  });
  const bool dirty = facts.Bool("/evidence/build/dirty");
  facts.Expect(!(strict && dirty), [] {
    return std::string("/evidence/build/dirty is true; a strict policy expects a build of the commit itself");
  });
  const std::string_view version = facts.Text("/evidence/build/version");
  facts.ExpectPositive("length of /evidence/build/version", version.size());
  facts.ExpectEqual("/environment/BITNET_VERSION", facts.Text("/environment/BITNET_VERSION"), version);
  facts.ExpectPositive("length of /evidence/build/compiler", facts.Text("/evidence/build/compiler").size());
  return facts.Result(absl::StrCat("version ", version, " at ", commit, dirty ? ", modified" : ""));
}

}  // namespace bitnet::verify
