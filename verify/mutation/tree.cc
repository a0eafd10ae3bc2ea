#include "verify/mutation/tree.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "re2/re2.h"
#include "verify/mutation/process.h"

namespace bitnet::mutation {
namespace {

constexpr int kMaxBuilds = 12;
constexpr std::string_view kRules = "bitnet/bazel/cc.bzl";
constexpr std::string_view kSkipped = "skipped.txt";  // lines of "digest path line"
constexpr std::string_view kActive = "verify/mutation/active.h";

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path.string()));
  return text;
}

// Leaves a file alone that has this text already.
absl::Status WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    const absl::StatusOr<std::string> old = ReadFile(path);
    if (old.ok() && *old == text) return absl::OkStatus();
  }
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path.string()));
  return absl::OkStatus();
}

// What is put in front of the rules of bitnet/bazel/cc.bzl. Mutants make code that warnings are about; an index out of
// bounds shall end the program, not be forgiven. Compiling takes longer than testing, so little is optimised, and a
// library of many sources is compiled as one: names of their own must not clash then, and do not in verify/rules.
constexpr char kMutantRules[] = R"(
def _is_mutated():
    package = native.package_name()
    return package.startswith("verify") and package not in ["verify/testing", "verify/mutation"]

def _mutated(name, kwargs):
    sources = [source for source in kwargs.get("srcs", []) if source.endswith(".cc")]
    if not _is_mutated() or len(sources) < 2:
        return kwargs
    native.genrule(
        name = name + "_whole",
        outs = [name + "_whole.cc"],
        srcs = sources,
        cmd = "for f in $(SRCS); do echo '#line 1 \"'$$f'\"'; cat $$f; done > $@",
    )
    whole = dict(kwargs)
    whole["srcs"] = [name + "_whole.cc"] + [source for source in kwargs["srcs"] if not source.endswith(".cc")]
    return whole

def _mutant_copts():
    if not _is_mutated():
        return []
    copts = ["-w", "-D_GLIBCXX_ASSERTIONS", "-O1"]
    return copts + (["-O0"] if native.package_name() in ["verify", "verify/rules"] else [])
)";

std::string WithMutantRules(std::string text, bool tests) {
  const char* defs = tests ? "(?m)^(def bitnet_.*:)$" : "(?m)^(def bitnet_(?:cc_library|cc_binary|cli_library).*:)$";
  RE2::GlobalReplace(&text, defs, "\\1\n    copts = copts + _mutant_copts()");
  RE2::GlobalReplace(&text, "(?m)^(def bitnet_cc_library.*:)$", "\\1\n    kwargs = _mutated(name, kwargs)");
  return absl::StrCat(text, kMutantRules);
}

}  // namespace

bool IsMutated(std::string_view path) {
  static const RE2 kSource("verify/.*\\.(cc|h)");
  static const RE2 kNotShipped(
      "verify/(testing|mutation)/.*|.*(_test|_benchmark)\\.cc|.*/(testing_|forgeries|try_|simulation|write_)[^/]*");
  return RE2::FullMatch(path, kSource) && !RE2::FullMatch(path, kNotShipped);
}

absl::StatusOr<MutatedTree> MutatedTree::Make(const TreeOptions& options) {
  MutatedTree tree(options);
  BITNET_RETURN_IF_ERROR(tree.CopyAndRewrite());
  return tree;
}

absl::Status MutatedTree::CopyAndRewrite() {
  std::error_code error;
  std::filesystem::create_directories(scratch(), error);
  const std::filesystem::path listing = options_.scratch / "files.txt";
  const std::vector<std::string> list = {"git", "ls-files", "-co", "--exclude-standard"};
  BITNET_ASSIGN_OR_RETURN(const Ending listed,
                          RunCommand({.args = list, .folder = options_.workspace, .output = listing}));
  if (!listed.ok()) return absl::FailedPreconditionError("git ls-files failed: expected a git checkout");
  BITNET_ASSIGN_OR_RETURN(const std::string names, ReadFile(listing));
  std::set<std::string> paths;
  for (const std::string_view path : absl::StrSplit(names, '\n', absl::SkipEmpty())) paths.emplace(path);
  if (std::filesystem::exists(options_.workspace / "user.bazelrc", error)) paths.insert("user.bazelrc");

  BITNET_ASSIGN_OR_RETURN(active_, ReadFile(options_.workspace / kActive));
  ReadSkipped();
  for (const std::string& path : paths) {
    const std::filesystem::path from = options_.workspace / path;
    if (!std::filesystem::is_regular_file(from, error)) continue;  // deleted, and git does not know yet
    BITNET_ASSIGN_OR_RETURN(std::string text, ReadFile(from));
    if (path.ends_with(".h") || path.ends_with(".cc")) vocabulary_.Learn(ReadSource(text));
    if (IsMutated(path) && (options_.headers || path.ends_with(".cc"))) {
      texts_[path] = std::move(text);
      continue;
    }
    BITNET_RETURN_IF_ERROR(
        WriteFile(scratch() / path, path == kRules ? WithMutantRules(text, options_.headers) : text));
    const std::filesystem::perms mode = std::filesystem::status(from, error).permissions();
    std::filesystem::permissions(scratch() / path, mode | std::filesystem::perms::owner_write, error);
  }
  // What the workspace no longer has.
  std::vector<std::filesystem::path> gone;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch(), error)) {
    const std::string path = entry.path().lexically_relative(scratch()).string();
    if (entry.is_regular_file(error) && !path.starts_with("bazel-") && !paths.contains(path))
      gone.push_back(entry.path());
  }
  for (const std::filesystem::path& path : gone) std::filesystem::remove(path, error);
  return Rewrite();
}

absl::Status MutatedTree::Rewrite() {
  files_.clear();
  for (const auto& [path, text] : texts_) {
    const std::string digest = ToHex(Sha256Of(text));
    skip_[path].merge(std::set<int>(known_[{path, digest}]));
    MutatedSource found = FindMutants(path, text, vocabulary_, skip_[path]);
    const std::string rewritten = found.mutants.empty()
                                      ? text
                                      : absl::StrCat("#line 1 \"", kActive, "\"\n", active_, "#line 1 \"", path, "\"\n",
                                                     ApplyEdits(text, found.edits));
    BITNET_RETURN_IF_ERROR(WriteFile(scratch() / path, rewritten));
    files_.push_back({path, digest, std::move(found.mutants), found.dropped});
  }
  return absl::OkStatus();
}

void MutatedTree::ReadSkipped() {
  std::ifstream file(options_.scratch / kSkipped);
  std::string digest, path;
  for (int line = 0; file >> digest >> path >> line;) known_[{path, digest}].insert(line);
}

int MutatedTree::SkipRefused(std::string_view log) {
  static const RE2 kError("(?m)^(verify/[^:\\s]+):(\\d+):\\d+:\\s+(?:fatal )?error");
  static const RE2 kInstantiated("(?m)^(verify/[^:\\s]+):(\\d+):\\d+:\\s+required from");
  std::ofstream skipped(options_.scratch / kSkipped, std::ios::app);
  int fresh = 0;
  for (const RE2* pattern : {&kError, &kInstantiated}) {
    re2::StringPiece rest(log.data(), log.size());
    std::string path;
    int line = 0;
    while (RE2::FindAndConsume(&rest, *pattern, &path, &line)) {
      if (!texts_.contains(path) || !skip_[path].insert(line).second) continue;
      ++fresh;
      skipped << ToHex(Sha256Of(texts_[path])) << ' ' << path << ' ' << line << '\n';
    }
  }
  return fresh;
}

absl::Status MutatedTree::Build(const std::vector<std::string>& targets) {
  const std::filesystem::path log = options_.scratch / "build.log";
  for (int build = 0; build < kMaxBuilds; ++build) {
    std::vector<std::string> args = options_.bazel;
    args.insert(args.end(), {"build", "--keep_going", "--color=no", "--noshow_progress"});
    args.insert(args.end(), options_.build_options.begin(), options_.build_options.end());
    args.push_back("--");
    args.insert(args.end(), targets.begin(), targets.end());
    BITNET_ASSIGN_OR_RETURN(const Ending ending, RunCommand({.args = args, .folder = scratch(), .output = log}));
    if (ending.ok()) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(const std::string text, ReadFile(log));
    if (SkipRefused(text) == 0) break;
    BITNET_RETURN_IF_ERROR(Rewrite());
  }
  return absl::FailedPreconditionError(absl::StrCat("the rewritten tree does not build; see ", log.string()));
}

absl::StatusOr<std::vector<std::string>> MutatedTree::Ask(std::vector<std::string> command) const {
  const std::filesystem::path answer = options_.scratch / "answer.txt";
  std::vector<std::string> args = options_.bazel;
  args.insert(args.end(), command.begin(), command.end());
  BITNET_ASSIGN_OR_RETURN(const Ending ending, RunCommand({.args = args, .folder = scratch(), .output = answer}));
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadFile(answer));
  if (!ending.ok()) return absl::FailedPreconditionError(absl::StrCat("bazel ", command.front(), " failed: ", text));
  std::vector<std::string> labels;
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    if (line.starts_with("//")) labels.emplace_back(line);
  }
  return labels;
}

}  // namespace bitnet::mutation
