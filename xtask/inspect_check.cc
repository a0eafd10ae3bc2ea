#include "xtask/inspect_check.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/projection_name.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/hf/hf_model.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/model/config.h"
#include "bitnet/model/tokenizer_metadata.h"
#include "bitnet/ternary_file/format_keys.h"
#include "bitnet/ternary_file/ternary_file.h"
#include "xtask/check_directory.h"
#include "xtask/check_names.h"
#include "xtask/check_tensors.h"
#include "xtask/group_hint.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kShownNames = 8;

std::string First(const std::vector<std::string>& names) {
  const std::span<const std::string> shown(names.data(), std::min(kShownNames, names.size()));
  const size_t more = names.size() - shown.size();
  return absl::StrCat(absl::StrJoin(shown, ", "), more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

class FileChecker {
 public:
  FileChecker(const std::string& path, std::span<const uint8_t> bytes, const GgufFile& directory)
      : bytes_(bytes), directory_(directory), report_{.path = path, .kind = "gguf"} {}

  CheckReport Check() {
    report_.facts.emplace_back("file", absl::StrCat("GGUF v", directory_.version(), ", ", bytes_.size(), " bytes, ",
                                                    directory_.tensors().size(), " tensors"));
    CheckArchitecture();
    CheckTokenizer();
    CheckTensorNames();
    CheckFormat();
    HintAtItsGroups();
    Decide();
    return std::move(report_);
  }

 private:
  void Problem(std::string text) { report_.problems.push_back(std::move(text)); }

  void CheckArchitecture() {
    const absl::StatusOr<std::string_view> name = directory_.GetString("general.architecture");
    const Architecture* known = name.ok() ? FindArchitecture(*name) : nullptr;
    if (known == nullptr) {
      report_.facts.emplace_back("architecture",
                                 name.ok() ? absl::StrCat(*name, ", not known here") : "none: the key is missing");
      const std::vector<std::string> parts = UnknownParts(directory_);
      Problem(absl::StrCat(
          name.ok() ? absl::StrCat("architecture ", *name, " is not one that this engine runs (",
                                   ArchitectureNames(), ")")
                    : std::string(name.status().message()),
          "; it would need a row of the architecture table and, where its graph is another one than those, new "
          "operations",
          parts.empty() ? "; all its tensors have names that the engine knows"
                        : absl::StrCat("; tensors that no known graph has: ", First(parts))));
      return;
    }
    report_.facts.emplace_back(
        "architecture",
        absl::StrCat(known->name, ": gate ", ActivationName(known->activation), ", ",
                     known->sub_norms ? "sub-norms" : "no sub-norms", ", rope rows ", RopeFormName(known->rope),
                     known->may_untie_head ? ", head tied or not" : ", head tied",
                     known->name == "bitnet" ? " (as 2B-4T; reproductions of the first paper have SiLU under this name, "
                                               "and no key tells them apart)"
                                             : ""));
    absl::StatusOr<ModelConfig> config = ReadModelConfig(directory_);
    if (config.ok()) {
      config_ = *std::move(config);
    } else {
      Problem(std::string(config.status().message()));
    }
  }

  void CheckTokenizer() {
    const absl::StatusOr<TokenizerData> data = ReadTokenizerData(directory_);
    if (!data.ok()) {
      const absl::StatusOr<std::string_view> model = directory_.GetString("tokenizer.ggml.model");
      report_.facts.emplace_back("tokenizer", model.ok() ? absl::StrCat(*model, ", not readable here") : "none");
      Problem(absl::StrCat("tokenizer: ", data.status().message()));
      return;
    }
    const absl::StatusOr<std::string_view> pre = directory_.GetString("tokenizer.ggml.pre");
    report_.facts.emplace_back(
        "tokenizer",
        absl::StrCat("byte-level BPE, ", data->pre == PreTokenizer::kLlama3 ? "Llama-3 words" : "GPT-2 words",
                     pre.ok() ? absl::StrCat(" (", *pre, ")") : " (no tokenizer.ggml.pre: by architecture)", ", ",
                     data->tokens.size(), " tokens, ", data->merges.size(), " merges"));
    const absl::StatusOr<Tokenizer> tokenizer = Tokenizer::Create(*data);
    if (!tokenizer.ok()) Problem(absl::StrCat("tokenizer: ", tokenizer.status().message()));
  }

  void CheckTensorNames() {
    const bool hf_names =
        std::any_of(directory_.tensors().begin(), directory_.tensors().end(),
                    [](const GgufTensor& tensor) { return LooksLikeHuggingFaceName(tensor.name); });
    if (hf_names) {
      Problem(
          "tensors have the names of a Hugging Face checkpoint, which no reader of GGUF looks for: run `xtask convert` "
          "on the directory that they came from");
    }
    if (!config_) {
      report_.facts.emplace_back("names", "not compared: the graph is not known");
      return;
    }
    const NameFindings names = CheckNames(directory_, *config_);
    report_.facts.emplace_back("names", absl::StrCat(directory_.tensors().size(), " tensors, ", names.missing.size(),
                                                     " missing, ", names.extra.size(), " without a place"));
    if (!names.missing.empty()) Problem(absl::StrCat("missing tensors: ", First(names.missing)));
    if (!names.extra.empty()) Problem(absl::StrCat("tensors without a place in the graph: ", First(names.extra)));
    if (!names.hugging_face.empty()) {
      const auto& [hf, gguf] = names.hugging_face.front();
      Problem(absl::StrCat(names.hugging_face.size(), " tensors of the graph have their Hugging Face names, such as ",
                           hf, " for ", gguf));
    }
    report_.missing_tensors = names.missing;
    report_.extra_tensors = names.extra;
  }

  void CheckFormat() {
    absl::StatusOr<std::vector<TernaryTensor>> ternary = FindTernaryTensors(directory_);
    if (ternary.ok()) {
      ternary_ = *std::move(ternary);
    } else if (!absl::IsFailedPrecondition(ternary.status())) {
      // What lacks a tiling or a scale is said of each tensor; a contradiction is one of the file. Where the size of a
      // tensor speaks for another program's type, it is not one of ours either.
      shape_problem_ = std::string(ternary.status().message());
    }
    report_.tensors = CheckTensors(directory_, bytes_, ternary_);
    std::set<std::string> types;
    for (const CheckedTensor& tensor : report_.tensors) {
      if (IsProjectionName(tensor.name)) types.insert(tensor.actual_type);
    }
    mixed_ = types.size() > 1;
    std::set<std::string_view> codecs;
    for (const TernaryTensor& tensor : ternary_) codecs.insert(tensor.codec->name);
    const absl::StatusOr<std::string_view> key = directory_.GetString(kTernaryFormatKey);
    report_.facts.emplace_back(
        "format", absl::StrCat("projections are ", types.empty() ? "absent" : absl::StrJoin(types, ", "),
                               codecs.empty() ? "" : absl::StrCat(", read as ", absl::StrJoin(codecs, ", ")),
                               key.ok() ? absl::StrCat("; ", kTernaryFormatKey, " says ", *key) : "",
                               directory_.Find(kTernaryScalesKey) != nullptr ? ", with exact scales" : ""));
    const bool foreign = std::any_of(report_.tensors.begin(), report_.tensors.end(), [](const CheckedTensor& tensor) {
      return tensor.remedy == Remedy::kImpossible;
    });
    if (!shape_problem_.empty() && !foreign) Problem(shape_problem_);
  }

  std::vector<FeedForwardBytes> SomeBlocks() const {
    // Of a large model a few blocks say enough.
    constexpr uint64_t kBlocks = 4;
    std::vector<FeedForwardBytes> blocks;
    for (uint64_t block = 0; block < std::min(kBlocks, config_->shape.layers); ++block) {
      const GgufTensor* up = directory_.FindTensor(absl::StrCat("blk.", block, ".ffn_up.weight"));
      const GgufTensor* down = directory_.FindTensor(absl::StrCat("blk.", block, ".ffn_down.weight"));
      const auto is = [&](const GgufTensor* tensor, uint64_t cols, uint64_t rows) {
        return tensor != nullptr && TensorTypeFromId(tensor->type_id) == TensorType::kI2S &&
               tensor->dims == std::vector<uint64_t>{cols, rows};
      };
      const uint64_t hidden = config_->shape.hidden, ffn = config_->shape.ffn;
      if (!is(up, hidden, ffn) || !is(down, ffn, hidden)) return {};
      blocks.push_back({.up = TensorBytes(directory_, bytes_, *up),
                        .down = TensorBytes(directory_, bytes_, *down),
                        .hidden = static_cast<int64_t>(hidden),
                        .ffn = static_cast<int64_t>(ffn)});
    }
    return blocks;
  }

  // Only where nothing says which groups they are.
  void HintAtItsGroups() {
    if (!config_ || directory_.Find(kTernaryFormatKey) != nullptr) return;
    const std::optional<GroupHint> hint = HintAtGroups(SomeBlocks(), DetectIsaSet());
    if (!hint) return;
    const std::string numbers =
        absl::StrCat("(zeros in rows of ffn_up against columns of ffn_down: correlation ", hint->correlation_128,
                     " read as 128, ", hint->correlation_64, " as 64)");
    points_to_64_ = hint->points_to_64;
    if (hint->points_to_64) {
      report_.hints.push_back(absl::StrCat("I2_S in groups of 64, as builds for Arm wrote it, is likely ", numbers,
                                           "; the bytes cannot tell. If so, convert with --from i2_s_64"));
    } else if (hint->points_to_128) {
      report_.hints.push_back(absl::StrCat("I2_S in groups of 128, the published layout, is likely ", numbers));
    } else {
      report_.hints.push_back(absl::StrCat(
          "I2_S is read in groups of 128, the published layout; nothing hints at either ", numbers,
          ". If the file is from a build for Arm and the answers are nonsense, convert with --from i2_s_64"));
    }
  }

  std::string Command(std::string_view flags) const {
    std::string out = report_.path;
    if (absl::EndsWith(out, ".gguf")) out.resize(out.size() - 5);
    out += "-i2_s.gguf";
    return absl::StrCat("xtask convert ", ShellQuoted(report_.path), " ", ShellQuoted(out), " --to i2_s", flags,
                        " --verify");
  }

  void After(std::string command, std::string_view reason) {
    report_.verdict = Verdict::kRunsAfterConvert;
    report_.command = std::move(command);
    report_.reason = std::string(reason);
  }

  bool Any(Remedy remedy) const {
    return std::any_of(report_.tensors.begin(), report_.tensors.end(),
                       [&](const CheckedTensor& tensor) { return tensor.remedy == remedy; });
  }

  void Decide() {
    // Another graph is the first thing to know, whatever its tensors are.
    if (!config_ && !report_.problems.empty()) {
      report_.reason = report_.problems.front();
      return;
    }
    for (const CheckedTensor& tensor : report_.tensors) {
      if (tensor.remedy != Remedy::kImpossible) continue;
      report_.reason = absl::StrCat("tensor ", tensor.name, ": ", tensor.problem,
                                    tensor.advice.empty() ? "" : absl::StrCat("; ", tensor.advice));
      return;
    }
    if (!report_.problems.empty()) {
      report_.reason = report_.problems.front();
      return;
    }
    if (Any(Remedy::kKernelConfig)) {
      After(Command(" --kernel-config kernel_config.ini"), "the tilings have to come from the maker of the file");
    } else if (Any(Remedy::kQuantize)) {
      After(Command(" --quantize absmean"),
            "right for master weights of ternary training, whose weights it changes as training did; it makes another "
            "model of any other");
    } else if (Any(Remedy::kConvert) || mixed_) {
      After(Command(""), "every trit and scale stays the same");
    } else {
      TryToLoad();
    }
  }

  void TryToLoad() {
    ThreadPool pool(std::max(1, ReadHostInfo().logical_cores));
    const auto loaded = LoadedModel::Load(report_.path, pool);
    if (!loaded.ok()) {
      report_.reason = std::string(loaded.status().message());
      Problem(report_.reason);
    } else if (points_to_64_) {
      After(Command(" --from i2_s_64"), "if the hint is right; as it is, it loads and its answers are nonsense then");
    } else {
      report_.verdict = Verdict::kRuns;
    }
  }

  const std::span<const uint8_t> bytes_;
  const GgufFile& directory_;
  CheckReport report_;
  std::optional<ModelConfig> config_;
  std::vector<TernaryTensor> ternary_;
  std::string shape_problem_;
  bool mixed_ = false;  // projections of more than one type
  bool points_to_64_ = false;
};

}  // namespace

absl::StatusOr<CheckReport> CheckModel(const std::string& path) {
  if (IsHfDirectory(path)) return CheckDirectory(path);
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const absl::StatusOr<GgufFile> directory = GgufFile::ParseDirectory(file.bytes());
  if (!directory.ok()) {
    return absl::Status(directory.status().code(), absl::StrCat(path, ": ", directory.status().message()));
  }
  return FileChecker(path, file.bytes(), *directory).Check();
}

}  // namespace bitnet::xtask
