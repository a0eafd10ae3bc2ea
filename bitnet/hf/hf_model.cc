#include "bitnet/hf/hf_model.h"

#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/hf/hf_floats.h"
#include "bitnet/json/json_document.h"

namespace bitnet {
namespace {

// Beside the safetensors files. The index is theirs, and SentencePiece is only ever noticed.
constexpr char kConfigFile[] = "/config.json";
constexpr char kTokenizerFile[] = "/tokenizer.json";
constexpr char kSentencePieceFile[] = "/tokenizer.model";
constexpr char kTokenizerConfigFile[] = "/tokenizer_config.json";
constexpr char kGenerationConfigFile[] = "/generation_config.json";
constexpr char kSpecialTokensMapFile[] = "/special_tokens_map.json";
constexpr char kChatTemplateFile[] = "/chat_template.jinja";
constexpr char kIndexFile[] = "/model.safetensors.index.json";

absl::Status At(std::string_view path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

std::string_view Text(const std::optional<MappedFile>& file) {
  if (!file.has_value()) return "";
  return {reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()};
}

absl::StatusOr<std::optional<MappedFile>> OpenOptional(const std::string& path) {
  absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  if (!file.ok()) return std::move(file).status();
  return std::optional(*std::move(file));
}

// "/models/falcon/" and "." -> the last part of what they mean.
std::string DirectoryName(const std::string& directory) {
  char* const resolved = realpath(directory.c_str(), nullptr);
  std::string name(resolved != nullptr ? resolved : directory.c_str());
  std::free(resolved);
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name.substr(name.rfind('/') + 1);
}

absl::StatusOr<HfTokenizer> OpenTokenizer(const std::string& directory, const HfConfig& config) {
  BITNET_ASSIGN_OR_RETURN(const auto tokenizer, OpenOptional(absl::StrCat(directory, kTokenizerFile)));
  if (!tokenizer.has_value()) {
    const bool sentencepiece =
        OpenOptional(absl::StrCat(directory, kSentencePieceFile)).value_or(std::nullopt).has_value();
    return absl::NotFoundError(
        absl::StrCat("expected tokenizer.json, found ",
                     sentencepiece ? "only tokenizer.model: SentencePiece is not implemented" : "none"));
  }
  BITNET_ASSIGN_OR_RETURN(const auto tokenizer_config, OpenOptional(absl::StrCat(directory, kTokenizerConfigFile)));
  BITNET_ASSIGN_OR_RETURN(const auto generation, OpenOptional(absl::StrCat(directory, kGenerationConfigFile)));
  BITNET_ASSIGN_OR_RETURN(const auto map, OpenOptional(absl::StrCat(directory, kSpecialTokensMapFile)));
  BITNET_ASSIGN_OR_RETURN(const auto chat_template, OpenOptional(absl::StrCat(directory, kChatTemplateFile)));
  return ReadHfTokenizer({.tokenizer = Text(tokenizer),
                          .tokenizer_config = Text(tokenizer_config),
                          .generation_config = Text(generation),
                          .special_tokens_map = Text(map),
                          .chat_template = Text(chat_template)},
                         config);
}

absl::StatusOr<HfConfig> OpenConfig(const std::string& directory) {
  BITNET_ASSIGN_OR_RETURN(const std::optional<MappedFile> file, OpenOptional(absl::StrCat(directory, kConfigFile)));
  if (!file.has_value()) return absl::NotFoundError("expected config.json, found none");
  return ParseHfConfig(Text(file));
}

}  // namespace

bool IsHfDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

absl::StatusOr<HfModel> HfModel::Open(const std::string& directory, std::optional<HfScale> weight_scale) {
  absl::StatusOr<HfConfig> config = OpenConfig(directory);
  if (!config.ok()) return At(directory, config.status());
  absl::StatusOr<SafetensorsModel> files = SafetensorsModel::Open(directory);
  if (!files.ok()) return At(directory, files.status());
  absl::StatusOr<HfTokenizer> tokenizer = OpenTokenizer(directory, *config);
  if (!tokenizer.ok()) return At(directory, tokenizer.status());
  HfModel model(DirectoryName(directory), directory, *std::move(config), *std::move(tokenizer), *std::move(files));
  model.notes_ = model.tokenizer_.notes;
  absl::Status status = model.BindTensors();
  if (status.ok()) status = model.CheckNothingLeft();
  if (status.ok()) status = model.ChooseScale(weight_scale);
  if (!status.ok()) return At(directory, status);
  return model;
}

std::vector<std::string> HfModel::paths() const {
  std::vector<std::string> paths;
  for (const char* name : {kConfigFile, kTokenizerFile, kSentencePieceFile, kTokenizerConfigFile, kGenerationConfigFile,
                           kSpecialTokensMapFile, kChatTemplateFile, kIndexFile}) {
    paths.push_back(absl::StrCat(directory_, name));
  }
  for (const std::string& name : files_.files()) paths.push_back(absl::StrCat(directory_, "/", name));
  return paths;
}

// A tied head may be stored once more; it must then be the same bytes.
absl::StatusOr<bool> HfModel::HasOwnHead() {
  const SafetensorsTensor* const head = files_.Find(kHfHead);
  const SafetensorsTensor* const table = files_.Find(kHfEmbedding);
  const bool tied = config_.tied_head.value_or(head == nullptr);
  if (!tied) {
    if (head == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor ", kHfHead, ": expected, since tie_word_embeddings is false; there is none"));
    }
    if (!config_.architecture->may_untie_head) {
      return absl::UnimplementedError(absl::StrCat(
          "tie_word_embeddings: a GGUF file of architecture ", config_.architecture->name, " has no head of its own, ",
          config_.tied_head.has_value() ? "got false" : absl::StrCat("got none and a tensor ", kHfHead)));
    }
    return true;
  }
  if (head == nullptr) return false;
  const bool same = table != nullptr && head->dtype == table->dtype && head->data.size() == table->data.size() &&
                    std::memcmp(head->data.data(), table->data.data(), table->data.size()) == 0;
  if (!same) {
    return absl::InvalidArgumentError(absl::StrCat("tensor ", kHfHead,
                                                   ": tie_word_embeddings is true, expected the bytes of ",
                                                   kHfEmbedding, " or no such tensor, got others"));
  }
  return false;
}

absl::Status HfModel::BindTensors() {
  BITNET_ASSIGN_OR_RETURN(const bool own_head, HasOwnHead());
  for (HfTensor& tensor : HfTensors(config_, own_head)) {
    HfSourceTensor source;
    source.weight = files_.Find(tensor.hf_name);
    if (source.weight == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("tensor ", tensor.hf_name, ": expected in ",
                                                     absl::StrJoin(files_.files(), ", "), "; there is none"));
    }
    if (tensor.role == HfRole::kProjection) source.scale = files_.Find(tensor.scale_name());
    source.tensor = std::move(tensor);
    BITNET_RETURN_IF_ERROR(CheckShape(source));
    packed_ |= source.scale != nullptr;
    tensors_.push_back(std::move(source));
  }
  return absl::OkStatus();
}

absl::Status HfModel::CheckShape(const HfSourceTensor& source) const {
  const HfTensor& tensor = source.tensor;
  const SafetensorsTensor& weight = *source.weight;
  const bool packed = tensor.role == HfRole::kProjection && weight.dtype == SafetensorsDtype::kU8;
  if (packed && source.scale == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", tensor.scale_name(), ": expected beside a packed matrix; there is none"));
  }
  if (!packed && source.scale != nullptr) {
    return absl::UnimplementedError(absl::StrCat(
        "tensor ", tensor.hf_name, ": expected packed U8 where there is a weight_scale, got ", weight.Describe()));
  }
  if (packed && tensor.rows % 4 != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "tensor ", tensor.hf_name, ": expected a multiple of 4 rows in a packed matrix, got ", tensor.rows));
  }
  if (!packed) BITNET_RETURN_IF_ERROR(HfFloatType(weight).status());
  std::vector<uint64_t> expected;
  if (tensor.role != HfRole::kNorm) expected.push_back(packed ? tensor.rows / 4 : tensor.rows);
  expected.push_back(tensor.cols);
  if (weight.shape == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("tensor ", tensor.hf_name, ": expected shape [",
                                                 absl::StrJoin(expected, ", "), "], as config.json means it, got ",
                                                 weight.Describe()));
}

// A tensor that nobody reads is a part of the model that would be lost.
absl::Status HfModel::CheckNothingLeft() const {
  absl::flat_hash_set<const SafetensorsTensor*> used;
  for (const HfSourceTensor& source : tensors_) {
    used.insert(source.weight);
    used.insert(source.scale);
  }
  used.insert(files_.Find(kHfHead));
  for (const SafetensorsTensor* tensor : files_.tensors()) {
    if (used.contains(tensor) || IsHfBuffer(tensor->name)) continue;
    return absl::InvalidArgumentError(absl::StrCat("tensor ", QuotedText(tensor->name), ": a ", config_.model_type,
                                                   " model of ", config_.layers, " layers has no such tensor, got ",
                                                   tensor->Describe()));
  }
  return absl::OkStatus();
}

absl::Status HfModel::ChooseScale(std::optional<HfScale> weight_scale) {
  if (packed_ && config_.quantization.has_value() && config_.quantization->online) {
    return absl::InvalidArgumentError(
        "config.json: quantization_config.quantization_mode: expected \"offline\" where matrices are packed, got "
        "\"online\", which means floats");
  }
  if (!packed_) {
    if (!weight_scale.has_value()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        "--weight-scale: expected packed matrices with scales; this checkpoint has floats");
  }
  if (weight_scale.has_value()) {
    scale_meaning_ = *weight_scale;
    notes_.push_back(
        absl::StrCat("weight scales are ", HfScaleName(scale_meaning_), ", as asked for with --weight-scale"));
    return absl::OkStatus();
  }
  if (!config_.quantization.has_value()) {
    return absl::FailedPreconditionError(
        "config.json: expected quantization_config, which says what the weight_scale of packed matrices means, got "
        "none: pass --weight-scale direct (weight = scale * trit) or inverse (weight = trit / scale)");
  }
  scale_meaning_ = config_.quantization->scale();
  notes_.push_back(absl::StrCat("weight scales are ", HfScaleName(scale_meaning_), ": linear_class ",
                                config_.quantization->linear_class_given ? "is " : "is not given, which means ",
                                config_.quantization->linear_class));
  return absl::OkStatus();
}

}  // namespace bitnet
