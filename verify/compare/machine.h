// Which machine a receipt is from, as far as a receipt says it.

#ifndef VERIFY_COMPARE_MACHINE_H_
#define VERIFY_COMPARE_MACHINE_H_

#include <string>

#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/receipt.pb.h"

namespace bitnet::verify {

// An object with what stays the same from run to run on one machine: "clocksource", "cores", "cpu", "cpu_features",
// "llc_bytes", "os", "smt". Members that the receipt lacks are absent.
JsonValue MachineFacts(const receipt::Receipt& receipt);

// SHA-256 of the canonical JSON of MachineFacts, in hexadecimal. Machines of one kind have one fingerprint: it tells
// that two receipts may be compared, not that they are from one place.
std::string MachineFingerprint(const receipt::Receipt& receipt);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_MACHINE_H_
