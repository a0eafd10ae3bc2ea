// Any bytes: a ledger that is read is the one sequence of appends that its entries make, byte for byte.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "bitnet/attest/ledger.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bitnet::attest;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ledger = Ledger::Parse(text);
  if (!ledger.ok()) {
    CHECK(!ledger.status().message().empty());
    return 0;
  }
  Ledger again;
  std::string written;
  for (const LedgerEntry& entry : ledger->entries()) {
    CHECK(again.Find(entry.nonce) == nullptr);
    const auto line = again.Append(entry);
    CHECK_OK(line.status());
    written += *line;
    CHECK(*again.Find(entry.nonce) == entry);
  }
  CHECK(written == text);
  CHECK(again.Root() == ledger->Root());
  return 0;
}
