#include "xtask/bench_series.h"

#include <cstdio>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "bitnet/base/child_process.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "xtask/environment.h"
#include "xtask/input.h"

namespace bitnet::xtask {

absl::StatusOr<std::vector<verify::MeasuredRun>> RunBenchSeries(const BenchPlan& plan, size_t runs,
                                                                const BenchSeriesOptions& options) {
  std::vector<verify::MeasuredRun> measured;
  for (size_t i = 0; i <= runs; ++i) {
    const std::string name = i == 0 ? "warm-up.json" : absl::StrFormat("run-%02d.json", i);
    if (options.progress) std::fprintf(stderr, "\r\033[K%s of %d runs ", name.c_str(), static_cast<int>(runs));
    const std::string path = absl::StrCat(options.folder, "/", name);
    const std::vector<std::string> args = RunArguments(plan, i, BenchSide::kA, path);
    BITNET_ASSIGN_OR_RETURN(const ChildResult child, RunChild(args, {.interrupted = options.interrupted}));
    if (options.progress) std::fprintf(stderr, "\r\033[K");
    if (options.interrupted->load()) return absl::CancelledError("interrupted");
    if (child.exit_code != 0) {
      const std::string what = absl::StrCat(absl::StrJoin(args, " "), ": exit ", child.exit_code, "\n",
                                            absl::StripAsciiWhitespace(child.err));
      return i == 0 && child.exit_code == kExitUsage ? absl::InvalidArgumentError(what) : absl::InternalError(what);
    }
    if (i == 0) continue;
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, kMaxReceiptBytes + 1));
    measured.push_back(verify::ReadMeasuredRun(name, text, options.policy, absl::Now()));
  }
  return measured;
}

}  // namespace bitnet::xtask
