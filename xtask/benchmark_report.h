// A benchmark as one HTML page: roofline picture, where the time went, what was measured. No scripts, nothing fetched.

#ifndef XTASK_BENCHMARK_REPORT_H_
#define XTASK_BENCHMARK_REPORT_H_

#include <string>

#include "xtask/benchmark_result.h"

namespace bitnet::xtask {

std::string BenchmarkReportHtml(const BenchmarkResult& result);

}  // namespace bitnet::xtask

#endif  // XTASK_BENCHMARK_REPORT_H_
