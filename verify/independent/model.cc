#include "verify/independent/model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/parallel.h"
#include "bitnet/base/status_macros.h"
#include "verify/independent/freivalds.h"

namespace bitnet::verify::independent {
namespace {

constexpr std::string_view kArchitectures[] = {"bitnet-b1.58", "bitnet-25", "bitnet"};
constexpr std::string_view kProductNames[kProducts] = {"q", "k", "v", "attn_output", "gate", "up", "down"};
constexpr std::string_view kProductTensors[kProducts] = {"attn_q",   "attn_k", "attn_v",  "attn_output",
                                                         "ffn_gate", "ffn_up", "ffn_down"};

constexpr uint64_t kMaxLayers = 1024;
constexpr uint64_t kMaxVocab = 1 << 24;
constexpr uint64_t kMaxContext = 1 << 24;
constexpr int64_t kLanes = 32;
constexpr int64_t kMaxHeadDim = 256;

std::string Quoted(std::string_view text) { return absl::StrCat("\"", absl::CHexEscape(text), "\""); }

absl::Status Expected(std::string_view where, std::string_view expected, std::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": expected ", expected, ", got ", got));
}

// Keys below the architecture's name.
class Keys {
 public:
  Keys(const GgufDirectory& directory, std::string_view architecture)
      : directory_(directory), prefix_(absl::StrCat(architecture, ".")) {}

  std::string Name(std::string_view key) const { return absl::StrCat(prefix_, key); }
  bool Has(std::string_view key) const { return directory_.Has(Name(key)); }

  absl::StatusOr<int64_t> Number(std::string_view key, uint64_t largest) const {
    const std::string name = Name(key);
    BITNET_ASSIGN_OR_RETURN(const uint64_t value, directory_.Unsigned(name));
    if (value >= 1 && value <= largest) return static_cast<int64_t>(value);
    return Expected(name, absl::StrCat("1 to ", largest), absl::StrCat(value));
  }

  absl::StatusOr<float> Float(std::string_view key, float least) const {
    const std::string name = Name(key);
    BITNET_ASSIGN_OR_RETURN(const float value, directory_.Float(name));
    if (std::isfinite(value) && value >= least) return value;
    return Expected(name, absl::StrCat("a finite number of at least ", least), absl::StrCat(value));
  }

  // The key is absent or has this value.
  absl::Status Only(std::string_view key, int64_t value) const {
    if (!Has(key)) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(const uint64_t got, directory_.Unsigned(Name(key)));
    if (got == static_cast<uint64_t>(value)) return absl::OkStatus();
    return absl::UnimplementedError(
        absl::StrCat(Name(key), " is ", got, ": the independent path computes graphs with ", value, " only"));
  }

  // Rope as CA-1 has it, or a scaling that says it changes nothing.
  absl::Status NoRopeScaling() const {
    std::string type = "none";
    if (Has("rope.scaling.type")) {
      BITNET_ASSIGN_OR_RETURN(type, directory_.Text(Name("rope.scaling.type")));
    }
    float factor = 1;
    if (Has("rope.scaling.factor")) {
      BITNET_ASSIGN_OR_RETURN(factor, directory_.Float(Name("rope.scaling.factor")));
    }
    if (type == "none" || (type == "linear" && factor == 1)) return absl::OkStatus();
    return absl::UnimplementedError(absl::StrCat(Name("rope.scaling.type"), " is ", Quoted(type), " by ", factor,
                                                 ": the independent path has no scaled rope"));
  }

 private:
  const GgufDirectory& directory_;
  const std::string prefix_;
};

absl::Status CheckDims(const TensorInfo& tensor, std::initializer_list<int64_t> dims) {
  bool equal = tensor.dims.size() == dims.size();
  size_t i = 0;
  for (const int64_t dim : dims) equal = equal && tensor.dims[i++] == static_cast<uint64_t>(dim);
  if (equal) return absl::OkStatus();
  return Expected(absl::StrCat("tensor ", Quoted(tensor.name)), absl::StrCat("dimensions ", absl::StrJoin(dims, " x ")),
                  absl::StrJoin(tensor.dims, " x "));
}

// Takes tensors out of the directory one by one, and knows which nobody took.
class Tensors {
 public:
  explicit Tensors(const GgufDirectory& directory) : directory_(directory) {}

  absl::StatusOr<std::span<const uint8_t>> Take(std::string_view name, uint32_t type,
                                                std::initializer_list<int64_t> dims) {
    const TensorInfo* tensor = directory_.Find(name);
    if (tensor == nullptr) return absl::NotFoundError(absl::StrCat("the file has no tensor ", Quoted(name)));
    if (tensor->type != type) {
      return absl::UnimplementedError(absl::StrCat("tensor ", Quoted(name), " is ", TensorTypeName(tensor->type),
                                                   ": the independent path reads it as ", TensorTypeName(type),
                                                   " only"));
    }
    BITNET_RETURN_IF_ERROR(CheckDims(*tensor, dims));
    taken_.insert(tensor->name);
    return directory_.Data(*tensor);
  }

  absl::StatusOr<std::vector<float>> Norm(std::string_view name, int64_t size) {
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> bytes, Take(name, kTypeF32, {size}));
    std::vector<float> weights(static_cast<size_t>(size));
    std::memcpy(weights.data(), bytes.data(), bytes.size());
    for (size_t i = 0; i < weights.size(); ++i) {
      if (!std::isfinite(weights[i])) {
        return Expected(absl::StrCat("tensor ", Quoted(name), ", element ", i), "a finite number",
                        absl::StrCat(weights[i]));
      }
    }
    return weights;
  }

  absl::StatusOr<TernaryMatrix> Ternary(const std::string& name, int64_t rows, int64_t cols) {
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> bytes, Take(name, kTypeI2S, {cols, rows}));
    const size_t packed = static_cast<size_t>(rows * cols / 4);
    TernaryMatrix matrix{.name = name, .rows = rows, .cols = cols, .codes = bytes.first(packed), .scale = 0};
    std::memcpy(&matrix.scale, bytes.data() + packed, sizeof(float));
    if (std::isfinite(matrix.scale)) return matrix;
    return Expected(absl::StrCat("scale of ", Quoted(name)), "a finite number", absl::StrCat(matrix.scale));
  }

  // Unimplemented, with the name of the first, when there are tensors that were not taken.
  absl::Status NothingLeft() const {
    for (const TensorInfo& tensor : directory_.tensors()) {
      if (taken_.contains(tensor.name)) continue;
      return absl::UnimplementedError(absl::StrCat("tensor ", Quoted(tensor.name),
                                                   " has no place in the graph that the independent path computes"));
    }
    return absl::OkStatus();
  }

 private:
  const GgufDirectory& directory_;
  std::set<std::string_view> taken_;
};

absl::Status CheckCodes(const TernaryMatrix& matrix) {
  const size_t bad = FirstIllegalCode(matrix.codes);
  if (bad == matrix.codes.size()) return absl::OkStatus();
  return Expected(absl::StrCat("tensor ", Quoted(matrix.name), ", byte ", bad), "codes 0, 1 and 2", "a code 3");
}

absl::Status CheckEmbeddingRow(const Model& model, int64_t row) {
  const uint8_t* halves = model.EmbeddingRow(row);
  bool finite = true;
  for (int64_t i = 0; i < model.shape.hidden; ++i) finite = finite && (halves[2 * i + 1] & 0x7c) != 0x7c;
  if (finite) return absl::OkStatus();
  return Expected(absl::StrCat("tensor \"token_embd.weight\", row ", row), "finite numbers", "an infinity or a NaN");
}

// All ternary codes and the embedding, by all workers.
absl::Status CheckContents(const Model& model, ThreadPool& pool) {
  constexpr int64_t kRows = 4096;
  const size_t matrices = model.layers.size() * kProducts;
  const size_t parts = static_cast<size_t>((model.shape.vocab + kRows - 1) / kRows);
  return ParallelForEach(pool, matrices + parts, pool.size(), [&](size_t index, int) -> absl::Status {
    if (index < matrices) return CheckCodes(model.layers[index / kProducts].products[index % kProducts]);
    const int64_t first = static_cast<int64_t>(index - matrices) * kRows;
    for (int64_t row = first; row < std::min(first + kRows, model.shape.vocab); ++row) {
      BITNET_RETURN_IF_ERROR(CheckEmbeddingRow(model, row));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<Layer> ReadLayer(Tensors& tensors, const Shape& shape, int64_t index) {
  const auto name = [index](std::string_view part) { return absl::StrCat("blk.", index, ".", part, ".weight"); };
  Layer layer;
  BITNET_ASSIGN_OR_RETURN(layer.attn_norm, tensors.Norm(name("attn_norm"), shape.hidden));
  BITNET_ASSIGN_OR_RETURN(layer.attn_sub_norm, tensors.Norm(name("attn_sub_norm"), shape.hidden));
  BITNET_ASSIGN_OR_RETURN(layer.ffn_norm, tensors.Norm(name("ffn_norm"), shape.hidden));
  BITNET_ASSIGN_OR_RETURN(layer.ffn_sub_norm, tensors.Norm(name("ffn_sub_norm"), shape.ffn));
  const int64_t rows[kProducts] = {shape.hidden, shape.kv_dim(), shape.kv_dim(), shape.hidden,
                                   shape.ffn,    shape.ffn,      shape.hidden};
  for (size_t i = 0; i < kProducts; ++i) {
    const int64_t cols = static_cast<Product>(i) == Product::kDown ? shape.ffn : shape.hidden;
    BITNET_ASSIGN_OR_RETURN(layer.products[i], tensors.Ternary(name(kProductTensors[i]), rows[i], cols));
  }
  return layer;
}

absl::StatusOr<std::string> ReadArchitecture(const GgufDirectory& directory) {
  BITNET_ASSIGN_OR_RETURN(const std::string_view name, directory.Text("general.architecture"));
  for (const std::string_view known : kArchitectures) {
    if (name == known) return std::string(name);
  }
  return absl::UnimplementedError(absl::StrCat("architecture ", Quoted(name), ": the independent path computes ",
                                               absl::StrJoin(kArchitectures, ", ")));
}

// The published layout is told by its type number and by what is not said beside it.
absl::Status CheckFormat(const GgufDirectory& directory) {
  constexpr std::string_view kKey = "bitnet.ternary.format";
  if (!directory.Has(kKey)) return absl::OkStatus();
  BITNET_ASSIGN_OR_RETURN(const std::string_view format, directory.Text(kKey));
  if (format == "i2_s") return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat("ternary format ", Quoted(format), ": the independent path reads i2_s"));
}

}  // namespace

std::string_view ProductName(Product product) { return kProductNames[static_cast<size_t>(product)]; }

absl::StatusOr<Shape> ReadShape(const GgufDirectory& directory) {
  Shape shape;
  BITNET_ASSIGN_OR_RETURN(shape.architecture, ReadArchitecture(directory));
  BITNET_RETURN_IF_ERROR(CheckFormat(directory));
  const Keys keys(directory, shape.architecture);
  constexpr uint64_t kWidest = kMaxCols;
  BITNET_ASSIGN_OR_RETURN(shape.layers, keys.Number("block_count", kMaxLayers));
  BITNET_ASSIGN_OR_RETURN(shape.hidden, keys.Number("embedding_length", kWidest));
  BITNET_ASSIGN_OR_RETURN(shape.ffn, keys.Number("feed_forward_length", kWidest));
  BITNET_ASSIGN_OR_RETURN(shape.heads, keys.Number("attention.head_count", kWidest));
  BITNET_ASSIGN_OR_RETURN(shape.kv_heads, keys.Number("attention.head_count_kv", kWidest));
  BITNET_ASSIGN_OR_RETURN(shape.context, keys.Number("context_length", kMaxContext));
  BITNET_ASSIGN_OR_RETURN(shape.rms_eps, keys.Float("attention.layer_norm_rms_epsilon", 0));
  BITNET_ASSIGN_OR_RETURN(shape.rope_base, keys.Float("rope.freq_base", 1));
  for (const auto& [what, width] : {std::pair("embedding_length", shape.hidden), {"feed_forward_length", shape.ffn}}) {
    if (width % kBlockWeights != 0) return Expected(keys.Name(what), "a multiple of 128", absl::StrCat(width));
  }
  if (shape.hidden % shape.heads != 0) {
    return Expected(keys.Name("attention.head_count"), absl::StrCat("a divisor of ", shape.hidden),
                    absl::StrCat(shape.heads));
  }
  if (shape.heads % shape.kv_heads != 0) {
    return Expected(keys.Name("attention.head_count_kv"), absl::StrCat("a divisor of ", shape.heads),
                    absl::StrCat(shape.kv_heads));
  }
  shape.head_dim = shape.hidden / shape.heads;
  if (shape.head_dim % kLanes != 0 || shape.head_dim > kMaxHeadDim) {
    return Expected("size of a head", "a multiple of 32 up to 256", absl::StrCat(shape.head_dim));
  }
  for (const char* key : {"rope.dimension_count", "attention.key_length", "attention.value_length"}) {
    BITNET_RETURN_IF_ERROR(keys.Only(key, shape.head_dim));
  }
  BITNET_RETURN_IF_ERROR(keys.Only("expert_count", 0));
  BITNET_RETURN_IF_ERROR(keys.NoRopeScaling());
  const TensorInfo* embedding = directory.Find("token_embd.weight");
  if (embedding == nullptr) return absl::NotFoundError("the file has no tensor \"token_embd.weight\"");
  const uint64_t vocab = embedding->dims.size() == 2 ? embedding->dims[1] : 0;
  if (vocab < 2 || vocab > kMaxVocab) {
    return Expected("tensor \"token_embd.weight\"", absl::StrCat("2 to ", kMaxVocab, " rows"),
                    absl::StrJoin(embedding->dims, " x "));
  }
  shape.vocab = static_cast<int64_t>(vocab);
  if (keys.Has("vocab_size")) {
    BITNET_ASSIGN_OR_RETURN(const int64_t said, keys.Number("vocab_size", kMaxVocab));
    if (said != shape.vocab) return Expected(keys.Name("vocab_size"), absl::StrCat(shape.vocab), absl::StrCat(said));
  }
  return shape;
}

absl::StatusOr<Model> ReadModel(std::span<const uint8_t> file, ThreadPool& pool) {
  BITNET_ASSIGN_OR_RETURN(const GgufDirectory directory, GgufDirectory::Read(file));
  Model model;
  BITNET_ASSIGN_OR_RETURN(model.shape, ReadShape(directory));
  Tensors tensors(directory);
  BITNET_ASSIGN_OR_RETURN(model.embedding,
                          tensors.Take("token_embd.weight", kTypeF16, {model.shape.hidden, model.shape.vocab}));
  BITNET_ASSIGN_OR_RETURN(model.output_norm, tensors.Norm("output_norm.weight", model.shape.hidden));
  for (int64_t i = 0; i < model.shape.layers; ++i) {
    BITNET_ASSIGN_OR_RETURN(Layer layer, ReadLayer(tensors, model.shape, i));
    model.layers.push_back(std::move(layer));
  }
  BITNET_RETURN_IF_ERROR(tensors.NothingLeft());
  BITNET_RETURN_IF_ERROR(CheckContents(model, pool));
  return model;
}

}  // namespace bitnet::verify::independent
