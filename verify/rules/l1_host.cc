// L1-HOST (RS-139): the machine is described well enough to compare receipts of it. Sizes are the machine's own and
// bound by no equation; that they are told is what can be asked.

#include <string_view>

#include "absl/strings/str_cat.h"
#include "verify/rules/rule_facts.h"
#include "verify/rules/rules.h"

namespace bitnet::verify {

CheckResult CheckHost(const AuditInput& input) {
  RuleFacts facts(input);
  const uint64_t cores = facts.Uint("/evidence/host/cores");
  const uint64_t threads = facts.Uint("/evidence/host/threads");
  facts.ExpectPositive("/evidence/host/cores", cores);
  facts.ExpectPositive("/evidence/host/threads", threads);
  facts.ExpectPositive("/evidence/host/peak_rss_bytes", facts.Uint("/evidence/host/peak_rss_bytes"));
  facts.Uint("/evidence/host/llc_bytes");           // 0 when the system does not tell
  facts.Uint("/evidence/host/read_bw_probe_mbps");  // 0 when the probe was not made
  facts.Bool("/evidence/host/smt");
  facts.Text("/evidence/host/governor");
  facts.Text("/evidence/host/clocksource");
  facts.Text("/environment/CPU_BRAND");
  const std::string_view os = facts.Text("/environment/OS");
  facts.ExpectPositive("length of /environment/OS", os.size());
  return facts.Result(absl::StrCat(os, ", ", cores, " cores, ", threads, " threads"));
}

}  // namespace bitnet::verify
