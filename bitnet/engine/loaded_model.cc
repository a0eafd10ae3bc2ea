#include "bitnet/engine/loaded_model.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/f16.h"
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
  // The head and its int8 copy are never in memory together: what has been read of the head leaves it.
  BITNET_ASSIGN_OR_RETURN(Weights weights, Weights::Load(gguf, config, pool, [&file](std::span<const uint8_t> part) {
                            file.Release(part);
                          }));
  BITNET_ASSIGN_OR_RETURN(Tokenizer tokenizer, LoadTokenizer(gguf));
  auto model = std::make_unique<LoadedModel>(
      LoadedModel{std::move(file), std::move(gguf), std::move(config), std::move(weights), std::move(tokenizer), 0});
  model->ReleaseTables();
  model->load_ns = NowNs() - start;
  return model;
}

std::span<const uint8_t> BytesOf(std::span<const F16> table) {
  return {reinterpret_cast<const uint8_t*>(table.data()), table.size_bytes()};
}

}  // namespace

void LoadedModel::ReleaseTables() const {
  file.Release(BytesOf(weights.token_embd));
  file.Release(BytesOf(weights.head));
}

std::span<const uint8_t> LoadedModel::StreamedBytes() const {
  const std::span<const uint8_t> bytes = file.bytes();
  std::span<const uint8_t> tables[] = {BytesOf(weights.token_embd), BytesOf(weights.head)};
  if (tables[1].data() < tables[0].data()) std::swap(tables[0], tables[1]);
  std::span<const uint8_t> longest;
  const uint8_t* begin = bytes.data();
  const auto offer = [&](const uint8_t* end) {
    if (end > begin && static_cast<size_t>(end - begin) > longest.size()) longest = {begin, end};
  };
  for (const std::span<const uint8_t> table : tables) {
    offer(table.data());
    begin = table.data() + table.size();
  }
  offer(bytes.data() + bytes.size());
  return longest;
}

absl::StatusOr<std::unique_ptr<const LoadedModel>> LoadedModel::Load(const std::string& path, ThreadPool& pool) {
  BITNET_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  auto model = LoadFrom(std::move(file), pool);
  if (!model.ok()) {
    return absl::Status(model.status().code(), absl::StrCat(path, ": ", model.status().message()));
  }
  return model;
}

}  // namespace bitnet
