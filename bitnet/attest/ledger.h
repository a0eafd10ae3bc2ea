// The ledger of nonces that have been accepted: an append-only text file, one line for each.
//
//   <nonce> <SHA-256 of the receipt> <time, 2026-11-21T08:00:00Z> <root>\n
//
// Digests are 64 lower-case hexadecimal digits, so every line has 216 bytes. <root> is the RFC 6962 tree hash over all
// lines up to and including this one; a leaf is a line up to the blank before its root. Every root is recomputed when
// the file is read: a line that was changed, put in, taken out or moved no longer fits. What the file alone cannot
// show is that its last lines were cut off; whoever keeps (size, root) elsewhere can (Ledger::RootAt).

#ifndef BITNET_ATTEST_LEDGER_H_
#define BITNET_ATTEST_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bitnet/base/merkle.h"
#include "bitnet/base/sha256.h"

namespace bitnet::attest {

struct LedgerEntry {
  std::string nonce;           // 64 lower-case hexadecimal digits
  std::string receipt_sha256;  // likewise
  absl::Time time;             // of the audit, whole seconds

  friend bool operator==(const LedgerEntry& a, const LedgerEntry& b) = default;
};

// 300 000 lines; reading them takes two hashes each. A full ledger is put away and an empty one begun: challenges that
// were issued while the old one was in use have to have expired by then.
inline constexpr size_t kLedgerLineBytes = 216;
inline constexpr size_t kMaxLedgerBytes = 300'000 * kLedgerLineBytes;

// What a ledger file says. A value type.
class Ledger {
 public:
  // DataLoss for what no sequence of Append calls has written, with the line and what to do; in particular for a last
  // line without its end, which an interrupted writer leaves.
  static absl::StatusOr<Ledger> Parse(std::string_view text);

  uint64_t size() const { return entries_.size(); }
  const std::vector<LedgerEntry>& entries() const { return entries_; }

  // The entry with this nonce; null when it has not been seen.
  const LedgerEntry* Find(std::string_view nonce) const;

  // 64 hexadecimal digits, over the first `size` entries; size <= size().
  std::string RootAt(uint64_t size) const;
  std::string Root() const { return RootAt(size()); }

  // The line that Append would add. AlreadyExists when the nonce has been seen, InvalidArgument when a digest is none.
  absl::StatusOr<std::string> NextLine(const LedgerEntry& entry) const;
  // Adds an entry and returns its line; errors as above.
  absl::StatusOr<std::string> Append(const LedgerEntry& entry);

 private:
  std::vector<LedgerEntry> entries_;
  absl::flat_hash_map<std::string, size_t> by_nonce_;
  std::vector<std::string> roots_;  // after each entry
  MerkleTree tree_;
};

// A ledger's file, locked against other writers while this object lives. Move-only; not thread-safe.
class LedgerFile {
 public:
  // Waits for the lock, reads and checks everything. NotFound when there is no such file: an empty ledger must be made
  // on purpose, or a mistyped name would forget every nonce.
  static absl::StatusOr<LedgerFile> Open(const std::string& path);

  LedgerFile(LedgerFile&& other) noexcept;
  LedgerFile& operator=(LedgerFile&&) = delete;
  ~LedgerFile();

  const Ledger& ledger() const { return ledger_; }

  // Appends the entry and flushes it to the disk. After an error the file is as it was, if the system lets it be.
  absl::Status Append(const LedgerEntry& entry);

 private:
  LedgerFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
  Ledger ledger_;
};

}  // namespace bitnet::attest

#endif  // BITNET_ATTEST_LEDGER_H_
