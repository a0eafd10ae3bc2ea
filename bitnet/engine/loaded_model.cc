#include "bitnet/engine/loaded_model.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/model/tokenizer_metadata.h"

namespace bitnet {
namespace {

absl::StatusOr<Tokenizer> LoadTokenizer(const GgufFile& gguf) {
  BITNET_ASSIGN_OR_RETURN(const TokenizerData data, ReadTokenizerData(gguf));
  return Tokenizer::Create(data);
}

absl::StatusOr<std::unique_ptr<const LoadedModel>> LoadFrom(MappedFile file, ThreadPool& pool) {
  const uint64_t start = NowNs();
  BITNET_ASSIGN_OR_RETURN(GgufFile gguf, GgufFile::Parse(file.bytes()));
  BITNET_ASSIGN_OR_RETURN(ModelConfig config, ReadModelConfig(gguf));
  BITNET_ASSIGN_OR_RETURN(Weights weights, Weights::Load(gguf, config, pool));
  BITNET_ASSIGN_OR_RETURN(Tokenizer tokenizer, LoadTokenizer(gguf));
  auto model = std::make_unique<LoadedModel>(
      LoadedModel{std::move(file), std::move(gguf), std::move(config), std::move(weights), std::move(tokenizer), 0});
  model->load_ns = NowNs() - start;
  return model;
}

}  // namespace

absl::StatusOr<std::unique_ptr<const LoadedModel>> LoadedModel::Load(const std::string& path, ThreadPool& pool) {
  BITNET_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  auto model = LoadFrom(std::move(file), pool);
  if (!model.ok()) {
    return absl::Status(model.status().code(), absl::StrCat(path, ": ", model.status().message()));
  }
  return model;
}

}  // namespace bitnet
