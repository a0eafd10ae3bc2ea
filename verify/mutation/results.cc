#include "verify/mutation/results.h"

#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace bitnet::mutation {
namespace {

constexpr std::string_view kFates[] = {"killed", "survived", "unreached", "equivalent", "not applicable", "pending"};

bool Survives(const Judged& judged) {
  return judged.outcome.fate == Fate::kSurvived || judged.outcome.fate == Fate::kUnreached;
}

std::vector<Judged> OfClass(const std::vector<Judged>& judged, MutantClass mutant_class) {
  std::vector<Judged> some;
  for (const Judged& one : judged) {
    if (one.mutant->mutant_class == mutant_class) some.push_back(one);
  }
  return some;
}

std::map<std::string_view, std::vector<Judged>> ByFile(const std::vector<Judged>& judged) {
  std::map<std::string_view, std::vector<Judged>> files;
  for (const Judged& one : judged) files[one.file->path].push_back(one);
  return files;
}

std::string Row(std::string_view name, const Tally& tally) {
  return absl::StrFormat("%-44s %5d mutants %5d killed %6.2f %% %4d equivalent\n", name, tally.mutants, tally.killed,
                         tally.percent(), tally.equivalent);
}

std::string Where(const Judged& one) {
  return absl::StrCat(one.file->path, ":", one.mutant->line, ": ", one.mutant->change);
}

JsonValue TallyJson(std::string_view name, const Tally& tally) {
  return JsonValue::MakeObject({{"name", JsonValue::String(std::string(name))},
                                {"mutants", JsonValue::Int(tally.mutants)},
                                {"killed", JsonValue::Int(tally.killed)},
                                {"equivalent", JsonValue::Int(tally.equivalent)}});
}

}  // namespace

absl::StatusOr<std::vector<Equivalent>> ParseEquivalents(std::string_view text) {
  std::vector<Equivalent> equivalents;
  int number = 0;
  for (const std::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> parts = absl::StrSplit(line, " | ");
    if (parts.size() != 4) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " of the equivalent mutants has ", parts.size(),
                                                     " parts; expected: path | source line | change | reason"));
    }
    equivalents.push_back({parts[0], parts[1], parts[2], parts[3]});
  }
  return equivalents;
}

absl::StatusOr<ResultsFile> ResultsFile::Open(const std::filesystem::path& path, const std::vector<MutatedFile>& files,
                                              bool keep_survivors) {
  std::set<std::string_view> digests;
  for (const MutatedFile& file : files) digests.insert(file.digest);
  ResultsFile results;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits('\t', 3));
    uint64_t id = 0;
    if (parts.size() != 4 || !absl::SimpleAtoi(parts[1], &id) || !digests.contains(parts[0])) continue;
    for (const Fate fate : {Fate::kKilled, Fate::kSurvived}) {
      if (parts[2] == kFates[static_cast<int>(fate)]) results.outcomes_[id] = {fate, parts[3]};
    }
  }
  if (!keep_survivors)
    std::erase_if(results.outcomes_, [](const auto& entry) { return entry.second.fate != Fate::kKilled; });
  results.out_.open(path, std::ios::app);
  if (!results.out_) return absl::UnavailableError(absl::StrCat("cannot write ", path.string()));
  return results;
}

Outcome ResultsFile::Find(uint64_t id) const {
  const auto found = outcomes_.find(id);
  return found == outcomes_.end() ? Outcome{} : found->second;
}

absl::Status ResultsFile::Add(const MutatedFile& file, uint64_t id, const Outcome& outcome) {
  outcomes_[id] = outcome;
  out_ << file.digest << '\t' << id << '\t' << kFates[static_cast<int>(outcome.fate)] << '\t' << outcome.by
       << std::endl;
  return out_ ? absl::OkStatus() : absl::UnavailableError("cannot write the results");
}

Tally TallyOf(const std::vector<Judged>& judged) {
  Tally tally;
  for (const Judged& one : judged) {
    tally.killed += one.outcome.fate == Fate::kKilled ? 1 : 0;
    tally.mutants += one.outcome.fate == Fate::kKilled || Survives(one) ? 1 : 0;
    tally.equivalent += one.outcome.fate == Fate::kEquivalent ? 1 : 0;
  }
  return tally;
}

std::vector<std::string> ApplyEquivalents(const std::vector<Equivalent>& equivalents, std::vector<Judged>& judged) {
  std::vector<std::string> idle;
  for (const Equivalent& entry : equivalents) {
    bool used = false;
    for (Judged& one : judged) {
      const bool named = one.file->path == entry.path && one.mutant->source_line == entry.source_line &&
                         one.mutant->change == entry.change;
      if (!named || !(Survives(one) || one.outcome.fate == Fate::kPending)) continue;
      used = true;
      if (Survives(one)) one.outcome = {Fate::kEquivalent, entry.reason};
    }
    if (!used) idle.push_back(absl::StrCat(entry.path, " | ", entry.source_line, " | ", entry.change));
  }
  return idle;
}

std::string TextSummary(const std::vector<Judged>& judged, int dropped) {
  std::string text;
  for (const auto& [path, some] : ByFile(judged)) absl::StrAppend(&text, Row(path, TallyOf(some)));
  absl::StrAppend(&text, "\n");
  for (const MutantClass mutant_class : kMutantClasses) {
    absl::StrAppend(&text, Row(MutantClassName(mutant_class), TallyOf(OfClass(judged, mutant_class))));
  }
  absl::StrAppend(&text, Row("all", TallyOf(judged)), dropped, " places left out: they did not compile\n");
  for (const Fate fate : {Fate::kEquivalent, Fate::kSurvived, Fate::kUnreached, Fate::kPending}) {
    absl::StrAppend(&text, "\n", kFates[static_cast<int>(fate)], ":\n");
    for (const Judged& one : judged) {
      if (one.outcome.fate != fate) continue;
      absl::StrAppend(&text, "  ", Where(one), " [", MutantClassName(one.mutant->mutant_class), "]",
                      fate == Fate::kEquivalent ? absl::StrCat(" -- ", one.outcome.by) : "", "\n      ",
                      one.mutant->source_line, "\n");
    }
  }
  return text;
}

JsonValue JsonSummary(const std::vector<Judged>& judged, int dropped) {
  JsonValue::Array classes, files, mutants;
  for (const MutantClass mutant_class : kMutantClasses) {
    classes.push_back(TallyJson(MutantClassName(mutant_class), TallyOf(OfClass(judged, mutant_class))));
  }
  for (const auto& [path, some] : ByFile(judged)) files.push_back(TallyJson(path, TallyOf(some)));
  for (const Judged& one : judged) {
    if (one.outcome.fate == Fate::kNotApplicable) continue;
    mutants.push_back(
        JsonValue::MakeObject({{"id", JsonValue::Uint(one.mutant->id)},
                               {"file", JsonValue::String(one.file->path)},
                               {"line", JsonValue::Int(one.mutant->line)},
                               {"change", JsonValue::String(one.mutant->change)},
                               {"source", JsonValue::String(one.mutant->source_line)},
                               {"class", JsonValue::String(std::string(MutantClassName(one.mutant->mutant_class)))},
                               {"fate", JsonValue::String(std::string(kFates[static_cast<int>(one.outcome.fate)]))},
                               {"by", JsonValue::String(one.outcome.by)}}));
  }
  return JsonValue::MakeObject({{"all", TallyJson("all", TallyOf(judged))},
                                {"dropped", JsonValue::Int(dropped)},
                                {"classes", JsonValue::MakeArray(std::move(classes))},
                                {"files", JsonValue::MakeArray(std::move(files))},
                                {"mutants", JsonValue::MakeArray(std::move(mutants))}});
}

}  // namespace bitnet::mutation
