// A copy of the workspace in which the sources of verify/ hold all their mutants, and its build.

#ifndef VERIFY_MUTATION_TREE_H_
#define VERIFY_MUTATION_TREE_H_

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "verify/mutation/sites.h"

namespace bitnet::mutation {

struct TreeOptions {
  std::filesystem::path workspace;         // absolute; a git checkout
  std::filesystem::path scratch;           // absolute; made when it is not there
  std::vector<std::string> bazel;          // the program and its startup options
  std::vector<std::string> build_options;  // of bazel build
  // Without headers, objects of tests are what they are in any build, and a cache may have them.
  bool headers = true;
};

struct MutatedFile {
  std::string path;    // relative to the workspace
  std::string digest;  // SHA-256 of the original's text
  std::vector<Mutant> mutants;
  int dropped = 0;  // places that did not compile
};

// Whether a file of the workspace is rewritten: sources of verify/ that are shipped, so no tests and what they share.
bool IsMutated(std::string_view path);

// A scratch copy of the workspace, rewritten. A file is written only when it differs, so that Bazel builds what
// changed.
class MutatedTree {
 public:
  static absl::StatusOr<MutatedTree> Make(const TreeOptions& options);

  // Builds `targets`. Places that a compiler refuses are dropped, and the build tried again.
  absl::Status Build(const std::vector<std::string>& targets);

  const std::vector<MutatedFile>& files() const { return files_; }
  // Where the outputs of the build are.
  std::filesystem::path outputs() const { return scratch() / "bazel-bin"; }
  std::filesystem::path scratch() const { return options_.scratch / "workspace"; }
  // The labels that a command of Bazel prints.
  absl::StatusOr<std::vector<std::string>> Ask(std::vector<std::string> command) const;

 private:
  explicit MutatedTree(TreeOptions options) : options_(std::move(options)) {}

  absl::Status CopyAndRewrite();
  absl::Status Rewrite();
  // Skips the lines that the compiler named in `log`; how many there are that were not skipped before.
  int SkipRefused(std::string_view log);
  // What earlier builds of the same texts refused.
  void ReadSkipped();

  TreeOptions options_;
  std::string active_;                                                  // the text of active.h
  std::map<std::string, std::string> texts_;                            // of the files that are rewritten, by path
  std::map<std::string, std::set<int>> skip_;                           // lines by path
  std::map<std::pair<std::string, std::string>, std::set<int>> known_;  // by path and digest
  Vocabulary vocabulary_;
  std::vector<MutatedFile> files_;
};

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_TREE_H_
