// L0-LIMIT (RS-002): a receipt is small. The limits keep the auditor's own cost bounded whatever it is given.

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "verify/rules/rules.h"
#include "verify/rules/text_issues.h"

namespace bitnet::verify {
namespace {

constexpr int kMaxItems = 256;
constexpr size_t kMaxIdBytes = 64;

std::string TooMany(std::string_view path, int count) {
  return absl::StrCat(path, " has ", count, " items; at most ", kMaxItems, " are allowed");
}

std::string TooLong(std::string_view path, int index, size_t bytes) {
  return absl::StrCat(path, "/", index, " is ", bytes, " bytes long; at most ", kMaxIdBytes, " are allowed");
}

}  // namespace

CheckResult CheckLimit(const AuditInput& input) {
  const receipt::Receipt& receipt = input.receipt();
  const receipt::Evidence& evidence = receipt.evidence();
  if (receipt.kernels_size() > kMaxItems) return Fail(TooMany("/kernels", receipt.kernels_size()));
  if (evidence.crit_size() > kMaxItems) return Fail(TooMany("/evidence/crit", evidence.crit_size()));
  if (evidence.kernel_counts_size() > kMaxItems) {
    return Fail(TooMany("/evidence/kernel_counts", evidence.kernel_counts_size()));
  }
  if (evidence.schedule_size() > kMaxItems) return Fail(TooMany("/evidence/schedule", evidence.schedule_size()));
  for (int i = 0; i < receipt.kernels_size(); ++i) {
    if (receipt.kernels(i).size() > kMaxIdBytes) return Fail(TooLong("/kernels", i, receipt.kernels(i).size()));
  }
  for (int i = 0; i < evidence.kernel_counts_size(); ++i) {
    const size_t size = evidence.kernel_counts(i).id().size();
    if (size > kMaxIdBytes) return Fail(TooLong("/evidence/kernel_counts", i, size));
  }
  return ReportIssues(input, JsonIssueKind::kLimit, 2 + receipt.kernels_size() + evidence.kernel_counts_size(),
                      absl::StrCat(input.document.census.bytes, " bytes, depth ", input.document.census.depth));
}

}  // namespace bitnet::verify
