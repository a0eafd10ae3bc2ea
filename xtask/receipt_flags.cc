#include "xtask/receipt_flags.h"

#include "CLI/CLI.hpp"

namespace bitnet::xtask {

void AddCommitmentFlags(CLI::App& command, ReceiptFlags& flags) {
  CLI::Option* file = command.add_option("--commitment", flags.commitment,
                                         "Also write what the receipt's trace commits to, for verify --replay");
  command.add_flag("--no-commitment", flags.no_commitment, "A receipt without trace: it can reach level L1 at most")
      ->excludes(file);
  command.add_option("--challenge", flags.challenge,
                     "Challenge to answer (verify challenge new): its nonce is in the receipt, and in every leaf");
}

}  // namespace bitnet::xtask
