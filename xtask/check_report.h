// What `inspect --check` finds, and how it says so.

#ifndef XTASK_CHECK_REPORT_H_
#define XTASK_CHECK_REPORT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bitnet/receipt/json_value.h"
#include "xtask/check_tensors.h"

namespace bitnet::xtask {

enum class Verdict : uint8_t { kRuns, kRunsAfterConvert, kCannotRun };

struct CheckReport {
  std::string path;
  std::string kind;  // "gguf" or "hugging_face_directory"
  // In the order of the report: architecture, tokenizer, names, format, ...; each one sentence.
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> missing_tensors;
  std::vector<std::string> extra_tensors;
  std::vector<CheckedTensor> tensors;
  std::vector<std::string> problems;  // of the file as a whole
  std::vector<std::string> hints;     // likely, and no proof
  Verdict verdict = Verdict::kCannotRun;
  std::string reason;   // why it cannot run, or what a conversion does
  std::string command;  // of kRunsAfterConvert

  // Problems and warnings, of the file and of its tensors.
  uint64_t findings() const;
};

// A path as a POSIX shell takes it.
std::string ShellQuoted(const std::string& text);

void PrintReport(const CheckReport& report);
JsonValue ReportJson(const CheckReport& report);

}  // namespace bitnet::xtask

#endif  // XTASK_CHECK_REPORT_H_
