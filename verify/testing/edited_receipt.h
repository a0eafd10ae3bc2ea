// Running one rule on the honest receipt with edits, in the words of testdata/receipts/edits_l0.txt.

#ifndef VERIFY_TESTING_EDITED_RECEIPT_H_
#define VERIFY_TESTING_EDITED_RECEIPT_H_

#include <string>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/policy.h"
#include "verify/rule.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/receipt_edits.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {

inline CheckResult RunOnEdited(CheckFunction check, const std::vector<std::string>& edits, const Policy& policy = {}) {
  const auto text = ApplyEdits(WriteReceiptJson(HonestReceipt({})), edits);
  CHECK(text.ok()) << text.status();
  return RunCheckOnText(check, *text, policy);
}

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_EDITED_RECEIPT_H_
