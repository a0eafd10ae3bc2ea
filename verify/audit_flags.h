// Flags of every command that audits a receipt.

#ifndef VERIFY_AUDIT_FLAGS_H_
#define VERIFY_AUDIT_FLAGS_H_

#include <cstdint>

#include "CLI/CLI.hpp"
#include "verify/request.h"

namespace bitnet::verify {

enum class CommitmentFlag : uint8_t {
  kGiven,  // --commitment names the file, and a replay needs it
  kOwn,    // the command knows the file by itself
};

// --policy, --level, --key, --ledger, --model, --commitment (kGiven), --replay, --independent, --sample, --replay-isa,
// --threads, --strict.
void AddAuditFlags(CLI::App& app, AuditRequest& request, CommitmentFlag commitment);

}  // namespace bitnet::verify

#endif  // VERIFY_AUDIT_FLAGS_H_
