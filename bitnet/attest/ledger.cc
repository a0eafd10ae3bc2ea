#include "bitnet/attest/ledger.h"

#include <optional>
#include <span>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/attest/strict_object.h"
#include "bitnet/base/status_macros.h"

namespace bitnet::attest {
namespace {

constexpr size_t kHexDigits = 64;
constexpr size_t kTimeDigits = 20;
constexpr size_t kLeafBytes = 2 * (kHexDigits + 1) + kTimeDigits;
static_assert(kLedgerLineBytes == kLeafBytes + 1 + kHexDigits + 1);

std::string LeafOf(const LedgerEntry& entry) {
  return absl::StrCat(entry.nonce, " ", entry.receipt_sha256, " ", FormatUtcSeconds(entry.time));
}

Digest LeafDigest(std::string_view leaf) {
  return MerkleLeaf(std::span(reinterpret_cast<const uint8_t*>(leaf.data()), leaf.size()));
}

// The entry of a leaf; empty when it is not written as LeafOf writes one.
std::optional<LedgerEntry> ParseLeaf(std::string_view leaf) {
  const absl::StatusOr<absl::Time> time = ParseUtcSeconds(leaf.substr(kLeafBytes - kTimeDigits));
  if (!time.ok()) return std::nullopt;
  LedgerEntry entry{std::string(leaf.substr(0, kHexDigits)), std::string(leaf.substr(kHexDigits + 1, kHexDigits)),
                    *time};
  if (!IsLowerHex(entry.nonce, kHexDigits) || !IsLowerHex(entry.receipt_sha256, kHexDigits) || LeafOf(entry) != leaf) {
    return std::nullopt;
  }
  return entry;
}

}  // namespace

absl::StatusOr<Ledger> Ledger::Parse(std::string_view text) {
  if (text.size() > kMaxLedgerBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("ledger: ", text.size(), " bytes; expected at most ", kMaxLedgerBytes,
                     "; put it away and begin an empty one when all challenges issued so far have expired"));
  }
  Ledger ledger;
  while (!text.empty()) {
    const uint64_t number = ledger.size() + 1;
    const auto damaged = [&](std::string_view what) {
      return absl::DataLossError(absl::StrCat("ledger: line ", number, " ", what));
    };
    const std::string_view line = text.substr(0, kLedgerLineBytes);
    if (line.size() < kLedgerLineBytes && !absl::StrContains(line, '\n')) {
      return damaged(absl::StrCat("is torn: ", line.size(), " of ", kLedgerLineBytes,
                                  " bytes and no line end. A writer was interrupted before its verdict was given; cut "
                                  "it off: truncate -s ",
                                  (number - 1) * kLedgerLineBytes, " LEDGER"));
    }
    const std::optional<LedgerEntry> entry =
        line.size() == kLedgerLineBytes ? ParseLeaf(line.substr(0, kLeafBytes)) : std::nullopt;
    if (!entry) {
      return damaged("is not \"<nonce> <receipt sha256> <time> <root>\"; restore the ledger from a copy");
    }
    const absl::StatusOr<std::string> expected = ledger.Append(*entry);
    if (!expected.ok()) return damaged("repeats a nonce; restore the ledger from a copy");
    if (line != *expected) {
      return damaged(absl::StrCat("does not follow from the lines before it: expected root ", ledger.Root(),
                                  "; the ledger was changed, restore it from a copy"));
    }
    text.remove_prefix(kLedgerLineBytes);
  }
  return ledger;
}

const LedgerEntry* Ledger::Find(std::string_view nonce) const {
  const auto found = by_nonce_.find(nonce);
  return found == by_nonce_.end() ? nullptr : &entries_[found->second];
}

std::string Ledger::RootAt(uint64_t size) const {
  CHECK_LE(size, roots_.size());
  return size == 0 ? ToHex(MerkleTree().Root()) : roots_[size - 1];
}

absl::StatusOr<std::string> Ledger::NextLine(const LedgerEntry& entry) const {
  const std::string leaf = LeafOf(entry);
  if (leaf.size() != kLeafBytes || !ParseLeaf(leaf)) {
    return absl::InvalidArgumentError(absl::StrCat("ledger: no entry can be \"", leaf, "\""));
  }
  if (Find(entry.nonce) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("ledger: nonce ", entry.nonce, " has been seen"));
  }
  MerkleTree longer = tree_;
  longer.Add(LeafDigest(leaf));
  return absl::StrCat(leaf, " ", ToHex(longer.Root()), "\n");
}

absl::StatusOr<std::string> Ledger::Append(const LedgerEntry& entry) {
  BITNET_ASSIGN_OR_RETURN(std::string line, NextLine(entry));
  tree_.Add(LeafDigest(LeafOf(entry)));
  by_nonce_.emplace(entry.nonce, entries_.size());
  entries_.push_back(entry);
  roots_.push_back(line.substr(kLeafBytes + 1, kHexDigits));
  return line;
}

}  // namespace bitnet::attest
