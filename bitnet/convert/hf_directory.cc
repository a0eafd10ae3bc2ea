#include "bitnet/convert/hf_directory.h"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/f16.h"
#include "bitnet/hf/tensor_names.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/quant/i2s_testing.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/tensor/tensor_type.h"

namespace bitnet {
namespace {

JsonValue Text(std::string_view text) { return JsonValue::String(std::string(text)); }

uint64_t Key(const GgufFile& file, std::string_view name) {
  const auto value = file.GetU64(name);
  CHECK(value.ok()) << value.status();
  return *value;
}

std::string_view AsText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void AppendFloat(float value, SafetensorsDtype dtype, bool exact, std::vector<uint8_t>* bytes) {
  uint8_t raw[4];
  size_t size = 2;
  if (dtype == SafetensorsDtype::kF32) {
    std::memcpy(raw, &value, size = 4);
  } else if (dtype == SafetensorsDtype::kF16) {
    const F16 half = F32ToF16(value);
    CHECK(!exact || F16ToF32(half) == value) << value;
    std::memcpy(raw, &half, size);
  } else {
    CHECK(dtype == SafetensorsDtype::kBf16);
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    CHECK(!exact || (bits & 0xffff) == 0) << value;
    const uint16_t half = static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    std::memcpy(raw, &half, size);
  }
  bytes->insert(bytes->end(), raw, raw + size);
}

TokenizerData TokenizerOf(const GgufFile& file) {
  TokenizerData data;
  data.tokens = (*file.GetArray("tokenizer.ggml.tokens", GgufType::kString))->strings;
  data.merges = (*file.GetArray("tokenizer.ggml.merges", GgufType::kString))->strings;
  const GgufArray& types = **file.GetArray("tokenizer.ggml.token_type", GgufType::kI32);
  data.token_types.resize(types.count);
  std::memcpy(data.token_types.data(), types.raw.data(), types.raw.size());
  data.bos = static_cast<TokenId>(Key(file, "tokenizer.ggml.bos_token_id"));
  data.add_bos = *file.GetBool("tokenizer.ggml.add_bos_token");
  return data;
}

HfConfigText ConfigOf(const GgufFile& file, const HfDirectoryOptions& options) {
  const auto key = [&](std::string_view name) { return Key(file, absl::StrCat("bitnet-b1.58.", name)); };
  HfConfigText text;
  text.hidden = key("embedding_length");
  text.ffn = key("feed_forward_length");
  text.layers = key("block_count");
  text.heads = key("attention.head_count");
  text.kv_heads = key("attention.head_count_kv");
  text.vocab = key("vocab_size");
  text.context = key("context_length");
  // Through the shortest decimal that reads back, as people write configurations.
  CHECK(absl::SimpleAtod(absl::StrCat(*file.GetF32("bitnet-b1.58.attention.layer_norm_rms_epsilon")), &text.rms_eps));
  text.rope_theta = *file.GetF32("bitnet-b1.58.rope.freq_base");
  text.bos = Key(file, "tokenizer.ggml.bos_token_id");
  text.eos = Key(file, "tokenizer.ggml.eos_token_id");
  text.pad = Key(file, "tokenizer.ggml.padding_token_id");
  text.linear_class = options.weights == HfWeights::kPackedInverse ? "bitlinear" : "autobitlinear";
  text.mode = options.weights == HfWeights::kMaster ? "online" : "offline";
  return text;
}

void AddMatrix(const HfTensor& tensor, const GgufTensor& stored, const HfDirectoryOptions& options,
               std::vector<HfFileTensor>* out) {
  const uint64_t count = tensor.rows * tensor.cols;
  std::vector<int8_t> trits(count);
  UnpackI2s(stored.data.first(count / 4), trits);
  const float scale = *I2sScale(stored.data, stored.name);
  if (options.weights == HfWeights::kMaster) {
    HfFileTensor weight = {tensor.hf_name, options.dtype, {tensor.rows, tensor.cols}, {}};
    for (const int8_t trit : trits) AppendFloat(scale * static_cast<float>(trit), options.dtype, true, &weight.bytes);
    out->push_back(std::move(weight));
    return;
  }
  HfFileTensor weight = {tensor.hf_name, SafetensorsDtype::kU8, {tensor.rows / 4, tensor.cols}, {}};
  weight.bytes.resize(count / 4);
  for (uint64_t row = 0; row < tensor.rows; ++row) {
    uint8_t* const packed = weight.bytes.data() + row % (tensor.rows / 4) * tensor.cols;
    const uint64_t shift = row / (tensor.rows / 4) * 2;
    for (uint64_t col = 0; col < tensor.cols; ++col) {
      packed[col] |= static_cast<uint8_t>((trits[row * tensor.cols + col] + 1) << shift);
    }
  }
  HfFileTensor number = {tensor.scale_name(), options.dtype, {1}, {}};
  const bool inverse = options.weights == HfWeights::kPackedInverse;
  AppendFloat(inverse ? 1.0f / scale : scale, options.dtype, true, &number.bytes);
  out->push_back(std::move(weight));
  out->push_back(std::move(number));
}

void AddFloats(const HfTensor& tensor, const GgufTensor& stored, SafetensorsDtype dtype,
               std::vector<HfFileTensor>* out) {
  const bool table = tensor.role == HfRole::kTable;
  HfFileTensor weight = {tensor.hf_name, dtype, {tensor.cols}, {}};
  if (table) weight.shape = {tensor.rows, tensor.cols};
  if (table && dtype == SafetensorsDtype::kF16) {
    weight.bytes.assign(stored.data.begin(), stored.data.end());
  } else {
    weight.bytes.reserve(tensor.rows * tensor.cols * SafetensorsDtypeSize(dtype));
    for (uint64_t i = 0; i < tensor.rows * tensor.cols; ++i) {
      float value;
      if (table) {
        F16 half;
        std::memcpy(&half, stored.data.data() + 2 * i, sizeof(half));
        value = F16ToF32(half);
      } else {
        std::memcpy(&value, stored.data.data() + 4 * i, sizeof(value));
      }
      AppendFloat(value, dtype, !table, &weight.bytes);
    }
  }
  out->push_back(std::move(weight));
}

void WriteSafetensors(const std::string& path, std::span<const HfFileTensor* const> tensors) {
  JsonValue::Object header = {{"__metadata__", JsonValue::MakeObject({{"format", Text("pt")}})}};
  uint64_t offset = 0;
  for (const HfFileTensor* tensor : tensors) {
    JsonValue::Array shape;
    for (const uint64_t dim : tensor->shape) shape.push_back(JsonValue::Uint(dim));
    const uint64_t end = offset + tensor->bytes.size();
    header.push_back(
        {tensor->name, JsonValue::MakeObject(
                           {{"dtype", Text(SafetensorsDtypeName(tensor->dtype))},
                            {"shape", JsonValue::MakeArray(std::move(shape))},
                            {"data_offsets", JsonValue::MakeArray({JsonValue::Uint(offset), JsonValue::Uint(end)})}})});
    offset = end;
  }
  std::string text = CanonicalJson(JsonValue::MakeObject(std::move(header)));
  while (text.size() % 8 != 0) text.push_back(' ');
  const uint64_t length = text.size();
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(path);
  CHECK(file.ok()) << file.status();
  CHECK(file->Write(std::string_view(reinterpret_cast<const char*>(&length), sizeof(length))).ok());
  CHECK(file->Write(text).ok());
  for (const HfFileTensor* tensor : tensors) CHECK(file->Write(AsText(tensor->bytes)).ok());
  CHECK(file->Commit().ok());
}

}  // namespace

HfFileTensor& HfDirectory::Tensor(std::string_view name) {
  for (HfFileTensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  CHECK(false) << "no tensor " << name;
  return tensors[0];
}

void HfDirectory::Write(const std::string& directory, int shards) const {
  mkdir(directory.c_str(), 0755);
  const auto write = [&](std::string_view name, const JsonValue& value) {
    CHECK(WriteFileAtomically(absl::StrCat(directory, "/", name), WritePrettyJson(value)).ok());
  };
  write("config.json", config);
  write("tokenizer.json", tokenizer);
  write("tokenizer_config.json", tokenizer_config);
  write("generation_config.json", generation_config);
  JsonValue::Object weight_map;
  for (int shard = 0; shard < shards; ++shard) {
    const std::string name = shards == 1 ? std::string("model.safetensors")
                                         : absl::StrFormat("model-%05d-of-%05d.safetensors", shard + 1, shards);
    std::vector<const HfFileTensor*> members;
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (i * static_cast<size_t>(shards) / tensors.size() != static_cast<size_t>(shard)) continue;
      members.push_back(&tensors[i]);
      weight_map.push_back({tensors[i].name, Text(name)});
    }
    WriteSafetensors(absl::StrCat(directory, "/", name), members);
  }
  if (shards > 1) {
    write("model.safetensors.index.json", JsonValue::MakeObject({{"metadata", JsonValue::MakeObject({})},
                                                                 {"weight_map", JsonValue::MakeObject(weight_map)}}));
  }
}

HfDirectory MakeHfDirectory(const GgufFile& file, const HfDirectoryOptions& options) {
  HfDirectory model;
  model.config = MakeHfConfig(ConfigOf(file, options));
  model.tokenizer = MakeHfTokenizer(TokenizerOf(file), options.tokenizer);
  model.tokenizer_config = JsonValue::MakeObject({{"tokenizer_class", Text("PreTrainedTokenizerFast")},
                                                  {"chat_template", Text(*file.GetString("tokenizer.chat_template"))}});
  model.generation_config = JsonValue::MakeObject({{"do_sample", JsonValue::Bool(true)}});
  const auto config = ParseHfConfig(CanonicalJson(model.config));
  CHECK(config.ok()) << config.status();
  for (const HfTensor& tensor : HfTensors(*config, /*own_head=*/false)) {
    const GgufTensor* const stored = file.FindTensor(tensor.gguf_name);
    CHECK(stored != nullptr) << tensor.gguf_name;
    if (tensor.role == HfRole::kProjection) {
      AddMatrix(tensor, *stored, options, &model.tensors);
    } else {
      AddFloats(tensor, *stored, tensor.role == HfRole::kTable ? options.table_dtype : SafetensorsDtype::kF32,
                &model.tensors);
    }
  }
  return model;
}

std::vector<uint8_t> WithPowerOfTwoScales(std::span<const uint8_t> bytes) {
  std::vector<uint8_t> changed(bytes.begin(), bytes.end());
  const auto file = GgufFile::Parse(bytes);
  CHECK(file.ok()) << file.status();
  for (const GgufTensor& tensor : file->tensors()) {
    if (tensor.type_id != static_cast<uint32_t>(TensorType::kI2S)) continue;
    const float scale = std::exp2(std::floor(std::log2(*I2sScale(tensor.data, tensor.name))));
    const size_t tail = static_cast<size_t>(tensor.data.data() - bytes.data()) + tensor.data.size() - kI2sTailBytes;
    std::memcpy(changed.data() + tail, &scale, sizeof(scale));
  }
  return changed;
}

}  // namespace bitnet
