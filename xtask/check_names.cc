#include "xtask/check_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "bitnet/hf/hf_config.h"
#include "bitnet/hf/tensor_names.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/work.h"
#include "bitnet/model/tensor_names.h"

namespace bitnet::xtask {
namespace {

// One block of every architecture, and what stands outside of blocks.
std::set<std::string> NamesOfOneBlock() {
  std::set<std::string> names;
  for (const Architecture& architecture : Architectures()) {
    const ArchShape shape = {
        .layers = 1, .sub_norms = architecture.sub_norms, .untied_head = architecture.may_untie_head};
    for (std::string& name : ExpectedTensorNames(shape)) names.insert(std::move(name));
  }
  return names;
}

// "blk.17.attn_q.weight" -> "blk.0.attn_q.weight".
std::string InBlockZero(std::string_view name) {
  constexpr std::string_view kPrefix = "blk.";
  if (!name.starts_with(kPrefix)) return std::string(name);
  size_t end = kPrefix.size();
  while (end < name.size() && absl::ascii_isdigit(static_cast<unsigned char>(name[end]))) ++end;
  return std::string(kPrefix) + "0" + std::string(name.substr(end));
}

}  // namespace

NameFindings CheckNames(const GgufFile& file, const ModelConfig& config) {
  NameFindings findings;
  const std::vector<std::string> expected = ExpectedTensorNames(config.shape);
  for (const std::string& name : expected) {
    if (file.FindTensor(name) == nullptr) findings.missing.push_back(name);
  }
  HfConfig hf;
  hf.architecture = FindArchitecture(config.architecture);
  hf.layers = config.shape.layers;
  std::map<std::string, std::string, std::less<>> of_hf;
  for (HfTensor& tensor : HfTensors(hf, /*own_head=*/true)) of_hf[tensor.hf_name] = tensor.gguf_name;
  const std::set<std::string_view> known(expected.begin(), expected.end());
  for (const GgufTensor& tensor : file.tensors()) {
    if (known.contains(tensor.name)) continue;
    findings.extra.emplace_back(tensor.name);
    const auto it = of_hf.find(tensor.name);
    if (it != of_hf.end()) findings.hugging_face.emplace_back(it->first, it->second);
  }
  return findings;
}

bool LooksLikeHuggingFaceName(std::string_view name) {
  return absl::StartsWith(name, "model.layers.") || absl::StartsWith(name, "model.embed_tokens") ||
         absl::StartsWith(name, "lm_head.") || name == "model.norm.weight";
}

std::vector<std::string> UnknownParts(const GgufFile& file) {
  const std::set<std::string> known = NamesOfOneBlock();
  std::vector<std::string> unknown;
  for (const GgufTensor& tensor : file.tensors()) {
    std::string name = InBlockZero(tensor.name);
    if (known.contains(name)) continue;
    if (std::find(unknown.begin(), unknown.end(), name) == unknown.end()) unknown.push_back(std::move(name));
  }
  return unknown;
}

}  // namespace bitnet::xtask
