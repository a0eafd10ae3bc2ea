#include "xtask/memory_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bitnet::xtask {

std::string MemoryTable(const std::vector<MemoryUse>& uses) {
  if (uses.empty()) return "\nmemory: this system does not say which pages are resident\n\n";
  std::string out = "\n| memory             |     size | resident |\n| ------------------ | -------: | -------: |\n";
  uint64_t resident = 0;
  const auto row = [&out](std::string_view name, const std::string& size, uint64_t bytes) {
    absl::StrAppendFormat(&out, "| %-18s | %8s | %5.1f MB |\n", name, size, static_cast<double>(bytes) * 1e-6);
  };
  for (const MemoryUse& use : uses) {
    resident += use.resident;
    row(use.name, absl::StrFormat("%5.1f MB", static_cast<double>(use.size) * 1e-6), use.resident);
  }
  row("all", "", resident);
  return absl::StrCat(out, "\n");
}

JsonValue MemoryUseJson(const MemoryUse& use) {
  return JsonValue::MakeObject({{"part", JsonValue::String(use.name)},
                                {"size_bytes", JsonValue::Uint(use.size)},
                                {"resident_bytes", JsonValue::Uint(use.resident)}});
}

uint64_t ResidentOf(const std::vector<MemoryUse>& uses, std::string_view name) {
  for (const MemoryUse& use : uses) {
    if (use.name == name) return use.resident;
  }
  return 0;
}

}  // namespace bitnet::xtask
