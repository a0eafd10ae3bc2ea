// Flags of commands that write receipts.

#ifndef XTASK_RECEIPT_FLAGS_H_
#define XTASK_RECEIPT_FLAGS_H_

#include <string>

namespace CLI {
class App;
}

namespace bitnet::xtask {

struct ReceiptFlags {
  std::string receipt;     // where it goes; empty: none, or the command's own place
  std::string commitment;  // where everything below the trace commitment's roots goes; empty: nowhere
  bool no_commitment = false;
  std::string challenge;  // file of the challenge that the run answers; empty: none
};

// --commitment, --no-commitment, --challenge. Each command says itself what --receipt is without a value.
void AddCommitmentFlags(CLI::App& command, ReceiptFlags& flags);

}  // namespace bitnet::xtask

#endif  // XTASK_RECEIPT_FLAGS_H_
