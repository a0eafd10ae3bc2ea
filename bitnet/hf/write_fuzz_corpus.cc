// Writes the cases as files: bazel run //bitnet/hf:write_fuzz_corpus -- FOLDER

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/hf/hf_cases.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_corpus FOLDER\n");
    return 2;
  }
  for (const bitnet::HfCase& c : bitnet::HfCases()) {
    const std::string path = std::string(argv[1]) + "/" + c.name + ".texts";
    if (const absl::Status status = bitnet::WriteFileAtomically(path, c.texts); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  return 0;
}
