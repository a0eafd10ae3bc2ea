// Writes testdata/fuzz/manifest: small manifests, statements and policies, right ones and one for each way to be wrong.
//
//   ./bazelw run //verify/compare:write_fuzz_corpus -- $PWD/testdata/fuzz/manifest

#include <cstdio>
#include <map>
#include <string>

#include "absl/strings/str_replace.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/atomic_file.h"
#include "verify/compare/manifest_envelope.h"
#include "verify/compare/testing_manifest.h"

namespace bitnet::verify {
namespace {

std::map<std::string, std::string> Corpus() {
  const Manifest manifest = TestingManifest(2);
  const std::string text = WriteManifest(manifest);
  const std::string bundle = SignManifest(text, attest::TestingKey());
  const std::string payload = attest::ReadBundle(bundle)->payload;
  const auto edit = [&](const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(text, {{from, to}});
  };
  return {
      {"valid.json", text},
      {"valid_bundle.json", bundle},
      {"valid_statement.json", payload},
      {"valid_policy.json",
       R"({"margin": 0.03, "alpha": 0.05, "looks": [10, 20], "min_tokens": 64, "may_differ": ["threads"]})"},
      {"cut.json", text.substr(0, text.size() / 2)},
      {"edited_digest.json", edit(manifest.receipts[1].sha256, std::string(64, '7'))},
      {"expires_first.json", edit("2026-12-21", "2026-10-21")},
      {"leap_second.json", edit("T00:00:00Z", "T23:59:60Z")},
      {"one_receipt.json", WriteManifest([&] {
         Manifest one = manifest;
         one.receipts.pop_back();
         return one;
       }())},
      {"parent_folder.json", edit("run-02.json", "../run-02.json")},
      {"same_receipt.json", edit(manifest.receipts[1].sha256, manifest.receipts[0].sha256)},
      {"statement_of_other_text.json", absl::StrReplaceAll(payload, {{"2026-12-21", "2027-12-21"}})},
      {"unknown_member.json", edit("\"root\"", "\"note\": 1, \"root\"")},
      {"upper_case.json", edit(manifest.machine, std::string(64, 'A'))},
  };
}

int Write(const std::string& folder) {
  for (const auto& [name, bytes] : Corpus()) {
    const absl::Status status = WriteFileAtomically(folder + "/" + name, bytes);
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace bitnet::verify

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus FOLDER\n");
    return 2;
  }
  return bitnet::verify::Write(argv[1]);
}
