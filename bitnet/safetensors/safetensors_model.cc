#include "bitnet/safetensors/safetensors_model.h"

#include <unistd.h>

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/json/json_document.h"
#include "bitnet/json/json_object.h"

namespace bitnet {
namespace {

constexpr std::string_view kSingle = "model.safetensors";
constexpr std::string_view kIndex = "model.safetensors.index.json";
constexpr std::string_view kExtension = ".safetensors";
// 2^18 tensors with long names.
constexpr JsonLimits kIndexLimits = {.max_bytes = uint64_t{64} << 20, .max_depth = 8};
constexpr size_t kMaxFileNameBytes = 255;  // of every file system in use
constexpr size_t kMaxShards = 4096;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool IsPlainFileName(std::string_view name) {
  return name.size() > kExtension.size() && name.size() <= kMaxFileNameBytes && absl::EndsWith(name, kExtension) &&
         name.front() != '.' && name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseSafetensorsIndex(std::string_view json,
                                                                                       std::string_view what) {
  BITNET_ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(json, what, kIndexLimits));
  BITNET_ASSIGN_OR_RETURN(const JsonObject root, JsonObject::FromRoot(document));
  BITNET_ASSIGN_OR_RETURN(const JsonObject map, root.Object("weight_map"));
  std::vector<std::pair<std::string, std::string>> entries;
  for (const simdjson::dom::key_value_pair member : map.members()) {
    std::string_view file;
    if (member.value.get(file) != simdjson::SUCCESS || !IsPlainFileName(file)) {
      return absl::InvalidArgumentError(absl::StrCat(map.Name(QuotedText(member.key)),
                                                     ": expected the name of a .safetensors file of the same "
                                                     "directory, got ",
                                                     DescribeJson(member.value)));
    }
    entries.emplace_back(member.key, file);
  }
  if (entries.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(root.Name("weight_map"), ": expected at least one tensor, got none"));
  }
  return entries;
}

absl::Status SafetensorsModel::AddShard(const std::string& directory, const std::string& name) {
  BITNET_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(absl::StrCat(directory, "/", name)));
  BITNET_ASSIGN_OR_RETURN(SafetensorsFile tensors, SafetensorsFile::Parse(file.bytes(), name));
  shards_.push_back({name, std::move(file), std::move(tensors)});
  for (const SafetensorsTensor& tensor : shards_.back().tensors.tensors()) {
    if (!index_.emplace(tensor.name, &tensor).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": tensor ", QuotedText(tensor.name), " is in another file of the directory too"));
    }
    tensors_.push_back(&tensor);
  }
  return absl::OkStatus();
}

absl::StatusOr<SafetensorsModel> SafetensorsModel::Open(const std::string& directory) {
  const std::string index_path = absl::StrCat(directory, "/", kIndex);
  const bool single = Exists(absl::StrCat(directory, "/", kSingle));
  const bool sharded = Exists(index_path);
  if (single && sharded) {
    return absl::FailedPreconditionError(absl::StrCat(directory, ": has both ", kSingle, " and ", kIndex,
                                                      ", which may differ; remove the one that is not meant"));
  }
  SafetensorsModel model;
  if (single) {
    BITNET_RETURN_IF_ERROR(model.AddShard(directory, std::string(kSingle)));
    return model;
  }
  if (!sharded) {
    return absl::NotFoundError(absl::StrCat(directory, ": expected ", kSingle, " or ", kIndex, ", found neither"));
  }
  BITNET_ASSIGN_OR_RETURN(const MappedFile index, MappedFile::Open(index_path));
  const std::string_view text(reinterpret_cast<const char*>(index.bytes().data()), index.bytes().size());
  BITNET_ASSIGN_OR_RETURN(const auto entries, ParseSafetensorsIndex(text, kIndex));
  absl::flat_hash_map<std::string_view, std::string_view> file_of;
  std::vector<std::string> files;
  absl::flat_hash_set<std::string_view> seen;
  for (const auto& [tensor, file] : entries) {
    file_of.emplace(tensor, file);
    if (seen.insert(file).second) files.push_back(file);
  }
  if (files.size() > kMaxShards) {
    return absl::InvalidArgumentError(
        absl::StrCat(kIndex, ": expected at most ", kMaxShards, " files, got ", files.size()));
  }
  std::sort(files.begin(), files.end());
  model.shards_.reserve(files.size());
  for (const std::string& file : files) {
    BITNET_RETURN_IF_ERROR(model.AddShard(directory, file));
    for (const SafetensorsTensor& tensor : model.shards_.back().tensors.tensors()) {
      const auto found = file_of.find(tensor.name);
      if (found == file_of.end() || found->second != file) {
        return absl::InvalidArgumentError(
            absl::StrCat(file, ": tensor ", QuotedText(tensor.name), ": expected in ", kIndex, " with this file, got ",
                         found == file_of.end() ? "no entry" : QuotedText(found->second)));
      }
    }
  }
  for (const auto& [tensor, file] : entries) {
    if (model.Find(tensor) == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(kIndex, ": tensor ", QuotedText(tensor), ": expected in ", file, ", where it is not"));
    }
  }
  return model;
}

const SafetensorsTensor* SafetensorsModel::Find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : found->second;
}

uint64_t SafetensorsModel::bytes() const {
  uint64_t total = 0;
  for (const Shard& shard : shards_) total += shard.file.bytes().size();
  return total;
}

std::vector<std::string> SafetensorsModel::files() const {
  std::vector<std::string> names;
  for (const Shard& shard : shards_) names.push_back(shard.name);
  return names;
}

}  // namespace bitnet
