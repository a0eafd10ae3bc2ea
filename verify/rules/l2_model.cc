// L2-MODEL (RS-201): the receipt names the model file that the auditor has, by digests that the auditor computed.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {
namespace {

// A file that the policy's owner has the digest of need not be here to be known.
void ExpectAllowed(const std::vector<std::string>& allowed, RuleFacts& facts) {
  const std::string_view digest = facts.Text("/evidence/model/file_sha256");
  facts.Expect(std::ranges::find(allowed, digest) != allowed.end(), [&] {
    return absl::StrCat("/evidence/model/file_sha256 is ", digest, "; expected one of the ", allowed.size(),
                        " that the policy allows");
  });
}

}  // namespace

CheckResult CheckModelFile(const AuditInput& input) {
  const std::vector<std::string>& allowed = input.policy.allowed_models;
  if (!input.artifacts.model && allowed.empty()) {
    return Missing("no model file was given (--model FILE), and the policy allows no model by digest (allowed_models)");
  }
  RuleFacts facts(input);
  if (!allowed.empty()) ExpectAllowed(allowed, facts);
  if (!input.artifacts.model) return facts.Result("a model that the policy allows; no file was given");
  const ModelArtifact& model = *input.artifacts.model;
  const auto expect = [&](std::string_view path, std::string_view file) {
    facts.ExpectEqual(path, facts.Text(path), file);
  };
  expect("/evidence/model/file_sha256", model.file_sha256);
  expect("/evidence/model/tensor_root", model.tensor_root);
  expect("/evidence/model/ternary_digest", model.ternary_digest);
  expect("/evidence/tokens/tokenizer_sha256", model.tokenizer_sha256);
  facts.ExpectEqual("/evidence/model/file_bytes", facts.Uint("/evidence/model/file_bytes"), model.file_bytes,
                    "the size of the model file given");
  facts.ExpectEqual("/evidence/model/n_tensors", facts.Uint("/evidence/model/n_tensors"), model.n_tensors,
                    "the tensors of the model file given");
  return facts.Result(absl::StrCat("the model file given, ", model.file_bytes, " bytes, sha256 ",
                                   std::string_view(model.file_sha256).substr(0, 16), ".."));
}

}  // namespace bitnet::verify
