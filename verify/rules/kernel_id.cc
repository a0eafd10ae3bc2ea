#include "verify/rules/kernel_id.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace bitnet::verify {
namespace {

// One literal: the only place of these words in any shipped binary, which //verify/testing:shipped_binaries_test holds to.
constexpr std::string_view kForbiddenWords = "mock|stub|fake|dummy|placeholder|fallback|dequant|fp32|f32_matmul";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool IsWellFormedKernelId(std::string_view id) {
  if (id.size() < 3 || id.size() > 64 || !IsLower(id[0])) return false;
  char previous = '_';
  for (const char c : id) {
    if (!IsLower(c) && !IsDigit(c) && (c != '_' || previous == '_')) return false;
    previous = c;
  }
  return previous != '_';
}

std::string ForbiddenWord(std::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  for (const std::string_view word : absl::StrSplit(kForbiddenWords, '|')) {
    if (absl::StrContains(lower, word)) return std::string(word);
  }
  return "";
}

std::vector<std::pair<std::string, std::string_view>> AllKernelIds(const receipt::Receipt& receipt) {
  std::vector<std::pair<std::string, std::string_view>> ids;
  for (int i = 0; i < receipt.kernels_size(); ++i) ids.emplace_back(absl::StrCat("/kernels/", i), receipt.kernels(i));
  const auto& counts = receipt.evidence().kernel_counts();
  for (int i = 0; i < counts.size(); ++i) {
    ids.emplace_back(absl::StrCat("/evidence/kernel_counts/", i, "/id"), counts[i].id());
  }
  return ids;
}

}  // namespace bitnet::verify
