#include "bitnet/model/tensor_names.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace bitnet {
namespace {

constexpr std::string_view kHead = "output.weight";

// Between "blk.N." and ".weight".
constexpr std::string_view kBlockTensors[] = {"attn_norm", "attn_q",   "attn_k", "attn_v",  "attn_output",
                                              "ffn_norm",  "ffn_gate", "ffn_up", "ffn_down"};
constexpr std::string_view kSubNorms[] = {"attn_sub_norm", "ffn_sub_norm"};

template <size_t N>
bool Contains(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool HasPlace(std::string_view name, const ArchShape& shape) {
  if (name == "token_embd.weight" || name == "output_norm.weight") return true;
  if (name == kHead) return shape.untied_head;
  const std::vector<std::string_view> parts = absl::StrSplit(name, '.');
  if (parts.size() != 4 || parts[0] != "blk" || parts[3] != "weight") return false;
  uint64_t block = 0;
  if (!absl::SimpleAtoi(parts[1], &block) || block >= shape.layers) return false;
  return Contains(kBlockTensors, parts[2]) || (shape.sub_norms && Contains(kSubNorms, parts[2]));
}

absl::Status Refused(std::string_view name, const ModelConfig& config) {
  const auto refuse = [&](auto... reason) {
    return absl::UnimplementedError(
        absl::StrCat("tensor ", absl::Utf8SafeCHexEscape(name.substr(0, 64)), ": ", reason...));
  };
  if (name == kHead) {
    return refuse("an untied output head is not implemented for architecture ", config.architecture,
                  ", whose models tie it to token_embd.weight");
  }
  if (name.ends_with(".bias")) return refuse("biases are not implemented; models of this family have none");
  if (name.starts_with("rope_freqs") || name.starts_with("rope_factors")) {
    return refuse("rope with factors of its own for each frequency (Llama 3.1 and later) is not implemented");
  }
  if (absl::StrContains(name, ".lora_")) {
    return refuse("adapters are not implemented; merge them before the weights are made ternary");
  }
  if (name.ends_with(".scale")) {
    return refuse("scales as tensors of their own are not implemented; ternary types hold theirs");
  }
  return refuse("the graph of architecture ", config.architecture, " with ", config.shape.layers,
                " blocks has no place for it");
}

}  // namespace

std::vector<std::string> ExpectedTensorNames(const ArchShape& shape) {
  std::vector<std::string> names = {"token_embd.weight"};
  for (uint64_t block = 0; block < shape.layers; ++block) {
    const auto add = [&](std::string_view part) { names.push_back(absl::StrCat("blk.", block, ".", part, ".weight")); };
    for (const std::string_view part : kBlockTensors) add(part);
    if (!shape.sub_norms) continue;
    for (const std::string_view part : kSubNorms) add(part);
  }
  names.push_back("output_norm.weight");
  if (shape.untied_head) names.emplace_back(kHead);
  return names;
}

absl::Status CheckTensorNames(const GgufFile& file, const ModelConfig& config) {
  const ArchShape& shape = config.shape;
  const uint64_t per_block = std::size(kBlockTensors) + (shape.sub_norms ? std::size(kSubNorms) : 0);
  const uint64_t expected = per_block * shape.layers + (shape.untied_head ? 3 : 2);
  if (file.tensors().size() == expected) return absl::OkStatus();
  for (const GgufTensor& tensor : file.tensors()) {
    if (!HasPlace(tensor.name, shape)) return Refused(tensor.name, config);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected ", expected, " tensors (", per_block, " per block x ", shape.layers,
      " blocks + token_embd + output_norm", shape.untied_head ? " + output" : "", "), got ", file.tensors().size()));
}

}  // namespace bitnet
