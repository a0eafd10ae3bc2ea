#include "bitnet/model/weights.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/parallel.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/kernels/catalog/model_limits.h"
#include "bitnet/model/finite.h"
#include "bitnet/model/rope_rows.h"
#include "bitnet/model/tensor_names.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/tensor/tensor_type.h"
#include "bitnet/tensor/ternary_formats.h"
#include "bitnet/ternary_file/ternary_file.h"

namespace bitnet {
namespace {

// Scans run in pieces of this size: small enough to balance, large enough to stream.
constexpr size_t kScanBytes = 4 << 20;

struct ScanJob {
  std::string_view tensor;
  std::span<const uint8_t> bytes;
  uint64_t first_byte = 0;  // of `bytes` in the tensor
  bool ternary = false;     // codes to check; otherwise f16 values
};

// Collects views; every finding is an error that names the tensor.
class Loader {
 public:
  using Release = absl::FunctionRef<void(std::span<const uint8_t> part)>;

  Loader(const GgufFile& file, const ModelConfig& config, Release release)
      : file_(file), config_(config), release_(release) {}

  absl::StatusOr<Weights> Load(ThreadPool& pool) {
    BITNET_RETURN_IF_ERROR(CheckTensorNames(file_, config_));
    weights_.tensor_count = file_.tensors().size();
    BITNET_RETURN_IF_ERROR(PrepareTernary(pool));
    const ArchShape& shape = config_.shape;
    BITNET_ASSIGN_OR_RETURN(weights_.token_embd, Embedding("token_embd.weight"));
    weights_.head = weights_.token_embd;
    if (shape.untied_head) {
      BITNET_ASSIGN_OR_RETURN(weights_.head, Embedding("output.weight"));
    }
    BITNET_ASSIGN_OR_RETURN(weights_.output_norm, Norm("output_norm.weight", shape.hidden));
    weights_.layers.resize(shape.layers);
    for (uint64_t i = 0; i < shape.layers; ++i) BITNET_RETURN_IF_ERROR(LoadLayer(i));
    BITNET_RETURN_IF_ERROR(RunScans(pool));
    if (rope_rows_.tensors > 0) weights_.repacks.push_back(rope_rows_);
    ScreenHead(pool);
    return std::move(weights_);
  }

 private:
  absl::Status LoadLayer(uint64_t index) {
    const ArchShape& shape = config_.shape;
    LayerWeights& layer = weights_.layers[index];
    const auto name = [&](std::string_view part) { return absl::StrCat("blk.", index, ".", part, ".weight"); };
    BITNET_ASSIGN_OR_RETURN(layer.attn_norm, Norm(name("attn_norm"), shape.hidden));
    BITNET_ASSIGN_OR_RETURN(layer.q, Ternary(name("attn_q"), config_.q_dim(), shape.hidden));
    BITNET_ASSIGN_OR_RETURN(layer.k, Ternary(name("attn_k"), config_.kv_dim(), shape.hidden));
    BITNET_ASSIGN_OR_RETURN(layer.v, Ternary(name("attn_v"), config_.kv_dim(), shape.hidden));
    if (shape.sub_norms) {
      BITNET_ASSIGN_OR_RETURN(layer.attn_sub_norm, Norm(name("attn_sub_norm"), config_.q_dim()));
      BITNET_ASSIGN_OR_RETURN(layer.ffn_sub_norm, Norm(name("ffn_sub_norm"), shape.ffn));
    }
    BITNET_ASSIGN_OR_RETURN(layer.output, Ternary(name("attn_output"), shape.hidden, config_.q_dim()));
    BITNET_ASSIGN_OR_RETURN(layer.ffn_norm, Norm(name("ffn_norm"), shape.hidden));
    BITNET_ASSIGN_OR_RETURN(layer.gate, Ternary(name("ffn_gate"), shape.ffn, shape.hidden));
    BITNET_ASSIGN_OR_RETURN(layer.up, Ternary(name("ffn_up"), shape.ffn, shape.hidden));
    BITNET_ASSIGN_OR_RETURN(layer.down, Ternary(name("ffn_down"), shape.hidden, shape.ffn));
    if (config_.rope_form == RopeForm::kInterleaved) {
      OrderRopeRows(layer.q);
      OrderRopeRows(layer.k);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<const GgufTensor*> Find(std::string_view name, std::initializer_list<uint64_t> dims) {
    const GgufTensor* tensor = file_.FindTensor(name);
    if (tensor == nullptr) return absl::NotFoundError(absl::StrCat("tensor ", name, " is missing"));
    if (!std::equal(dims.begin(), dims.end(), tensor->dims.begin(), tensor->dims.end())) {
      return absl::InvalidArgumentError(absl::StrCat("tensor ", name, ": expected shape [", absl::StrJoin(dims, ", "),
                                                     "], got [", absl::StrJoin(tensor->dims, ", "), "]"));
    }
    return tensor;
  }

  static absl::Status WrongType(const GgufTensor& tensor, std::string_view expected) {
    return absl::UnimplementedError(
        absl::StrCat("tensor ", tensor.name, ": expected type ", expected, ", got ", TensorTypeName(tensor.type_id)));
  }

  absl::StatusOr<std::span<const float>> Norm(std::string_view name, uint64_t size) {
    BITNET_ASSIGN_OR_RETURN(const GgufTensor* tensor, Find(name, {size}));
    if (TensorTypeFromId(tensor->type_id) != TensorType::kF32) return WrongType(*tensor, "F32");
    BITNET_ASSIGN_OR_RETURN(const std::span<const float> values, Typed<float>(*tensor, size));
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) {
        return absl::InvalidArgumentError(absl::StrCat("tensor ", name, ": element ", i, " is not finite"));
      }
    }
    return values;
  }

  absl::StatusOr<std::span<const F16>> Embedding(std::string_view name) {
    BITNET_ASSIGN_OR_RETURN(const GgufTensor* tensor, Find(name, {config_.shape.hidden, config_.shape.vocab}));
    if (TensorTypeFromId(tensor->type_id) != TensorType::kF16) return WrongType(*tensor, "F16");
    AddScan(tensor->name, tensor->data, /*ternary=*/false);
    return Typed<F16>(*tensor, tensor->elements());
  }

  template <typename T>
  static absl::StatusOr<std::span<const T>> Typed(const GgufTensor& tensor, uint64_t count) {
    if (reinterpret_cast<uintptr_t>(tensor.data.data()) % alignof(T) != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor ", tensor.name, ": data is not aligned to ", alignof(T), " bytes"));
    }
    return std::span(reinterpret_cast<const T*>(tensor.data.data()), count);
  }

  // Says of every ternary tensor what it is, and repacks those that kernels cannot read where they lie.
  absl::Status PrepareTernary(ThreadPool& pool) {
    BITNET_ASSIGN_OR_RETURN(const std::vector<TernaryTensor> found, FindTernaryTensors(file_));
    for (const TernaryTensor& tensor : found) {
      if (weights_.quantization_type.empty()) weights_.quantization_type = tensor.codec->name;
      if (weights_.quantization_type != tensor.codec->name) {
        return absl::UnimplementedError(absl::StrCat("tensor ", tensor.tensor->name, " is ", tensor.codec->name,
                                                     " while earlier ones are ", weights_.quantization_type,
                                                     ": mixed ternary types are not implemented"));
      }
      ternary_[tensor.tensor] = {.rows = tensor.rows, .cols = tensor.cols};
    }
    if (found.empty() || weights_.quantization_type == kNativeTernaryFormat) return absl::OkStatus();
    return RepackAll(found, pool);
  }

  absl::Status RepackAll(const std::vector<TernaryTensor>& tensors, ThreadPool& pool) {
    const uint64_t start = NowNs();
    const IsaSet isa = DetectIsaSet();
    RepackRecord record{.name = absl::StrCat(weights_.quantization_type, "_to_i2s"), .tensors = tensors.size()};
    std::vector<float> scales(tensors.size());
    for (const TernaryTensor& tensor : tensors) {
      record.bytes += weights_.repacked.emplace_back(static_cast<size_t>(tensor.rows * tensor.cols / 4)).size();
    }
    BITNET_RETURN_IF_ERROR(ParallelForEach(pool, tensors.size(), pool.size(), [&](size_t i, int) -> absl::Status {
      const TernaryTensor& tensor = tensors[i];
      BITNET_ASSIGN_OR_RETURN(
          scales[i], RepackToI2s(*tensor.codec, tensor.tensor->data, tensor.rows, tensor.cols, tensor.Params(isa),
                                 tensor.tensor->name, weights_.repacked[i].span()));
      return absl::OkStatus();
    }));
    for (size_t i = 0; i < tensors.size(); ++i) {
      TernaryView& view = ternary_[tensors[i].tensor];
      view.packed = weights_.repacked[i].span();
      view.scale = scales[i];
    }
    record.ns = NowNs() - start;
    weights_.repacks.push_back(std::move(record));
    return absl::OkStatus();
  }

  // After the scans: the head is finite.
  void ScreenHead(ThreadPool& pool) {
    if (config_.shape.hidden > model_limits::kMaxScreenedHidden) return;
    const uint64_t start = NowNs();
    weights_.screened_head = ScreenedHead::Build(
        weights_.head.data(), static_cast<int64_t>(config_.shape.vocab), static_cast<int64_t>(config_.shape.hidden),
        DetectIsaSet(), pool, [this](std::span<const F16> part) {
          release_({reinterpret_cast<const uint8_t*>(part.data()), part.size_bytes()});
        });
    weights_.repacks.push_back(
        {.name = kHeadScreenRepack, .tensors = 1, .bytes = config_.shape.vocab * config_.shape.hidden});
    weights_.repacks.back().ns = NowNs() - start;
  }

  absl::StatusOr<TernaryView> Ternary(std::string_view name, uint64_t rows, uint64_t cols) {
    BITNET_ASSIGN_OR_RETURN(const GgufTensor* tensor, Find(name, {cols, rows}));
    const auto prepared = ternary_.find(tensor);
    if (prepared == ternary_.end()) return WrongType(*tensor, "I2_S or another ternary one");
    TernaryView view = prepared->second;
    if (view.packed.empty()) {
      view.packed = tensor->data.first(rows * cols / 4);
      BITNET_ASSIGN_OR_RETURN(view.scale, I2sScale(tensor->data, name));
      AddScan(tensor->name, view.packed, /*ternary=*/true);
    }
    weights_.ternary.push_back({tensor->name, view});
    return view;
  }

  // Replaces a view of rows for interleaved rope by one of its own. The file's stays in weights_.ternary.
  void OrderRopeRows(TernaryView& view) {
    const uint64_t start = NowNs();
    AlignedBuffer<uint8_t> ordered(view.packed.size());
    RopeRowsToHalfSplit(view.packed, view.rows, static_cast<int64_t>(config_.shape.head_dim), ordered.span());
    view.packed = ordered.span();
    if (rope_rows_.name.empty()) rope_rows_.name = kRopeRowsRepack;
    ++rope_rows_.tensors;
    rope_rows_.bytes += ordered.size();
    rope_rows_.ns += NowNs() - start;
    weights_.repacked.push_back(std::move(ordered));
  }

  void AddScan(std::string_view tensor, std::span<const uint8_t> bytes, bool ternary) {
    for (size_t begin = 0; begin < bytes.size(); begin += kScanBytes) {
      scans_.push_back({tensor, bytes.subspan(begin, std::min(kScanBytes, bytes.size() - begin)), begin, ternary});
    }
  }

  static absl::Status Scan(const ScanJob& job) {
    if (job.ternary) return CheckI2sCodes(job.bytes, job.tensor, job.first_byte * 4);
    const std::span values(reinterpret_cast<const F16*>(job.bytes.data()), job.bytes.size() / sizeof(F16));
    const std::optional<size_t> bad = FindNonFinite(values);
    if (!bad) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", job.tensor, ": element ", job.first_byte / sizeof(F16) + *bad, " is not finite"));
  }

  // Reports the first error in file order, whichever worker met it.
  absl::Status RunScans(ThreadPool& pool) {
    return ParallelForEach(pool, scans_.size(), pool.size(), [&](size_t i, int) {
      const absl::Status status = Scan(scans_[i]);
      if (!scans_[i].ternary) release_(scans_[i].bytes);
      return status;
    });
  }

  const GgufFile& file_;
  const ModelConfig& config_;
  const Release release_;
  Weights weights_;
  RepackRecord rope_rows_;  // after the formats' in the receipt
  std::vector<ScanJob> scans_;
  absl::flat_hash_map<const GgufTensor*, TernaryView> ternary_;  // without bytes: I2_S, to be used where it lies
};

}  // namespace

absl::StatusOr<Weights> Weights::Load(const GgufFile& file, const ModelConfig& config, ThreadPool& pool) {
  return Load(file, config, pool, [](std::span<const uint8_t>) {});
}

absl::StatusOr<Weights> Weights::Load(const GgufFile& file, const ModelConfig& config, ThreadPool& pool,
                                      absl::FunctionRef<void(std::span<const uint8_t> part)> release) {
  return Loader(file, config, release).Load(pool);
}

}  // namespace bitnet
