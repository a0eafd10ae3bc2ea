// The passes that an honest run makes, and what its receipt says of them.

#ifndef VERIFY_TESTING_HONEST_SCHEDULE_H_
#define VERIFY_TESTING_HONEST_SCHEDULE_H_

#include <span>
#include <vector>

#include "bitnet/kernels/catalog/work.h"
#include "bitnet/receipt/receipt.pb.h"
#include "verify/testing/honest_receipt.h"

namespace bitnet::verify {

std::vector<ScheduleEntry> HonestPrefill(const HonestRun& run);

// With drafts, if the run drafts: as long as the account allows in about the first half, all accepted; then one pass
// whose drafts were all rejected and passes of one row, or these and that pass last, if the run ended before its
// length.
std::vector<ScheduleEntry> HonestDecode(const HonestRun& run);

void FillSchedule(std::span<const ScheduleEntry> schedule, receipt::Evidence& evidence);

// Nothing, if `decode` drafted nothing.
void FillSpeculation(const HonestRun& run, std::span<const ScheduleEntry> decode, receipt::Evidence& evidence);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_HONEST_SCHEDULE_H_
