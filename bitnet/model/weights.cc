#include "bitnet/model/weights.h"

#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/kernels/catalog/architecture.h"
#include "bitnet/model/finite.h"
#include "bitnet/model/rope_rows.h"
#include "bitnet/model/tensor_names.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/quant/tq.h"
#include "bitnet/tensor/tensor_type.h"

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
  Loader(const GgufFile& file, const ModelConfig& config) : file_(file), config_(config) {}

  absl::StatusOr<Weights> Load(ThreadPool& pool) {
    BITNET_RETURN_IF_ERROR(CheckTensorNames(file_, config_));
    weights_.tensor_count = file_.tensors().size();
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

  absl::StatusOr<TernaryView> Ternary(std::string_view name, uint64_t rows, uint64_t cols) {
    BITNET_ASSIGN_OR_RETURN(const GgufTensor* tensor, Find(name, {cols, rows}));
    const std::optional<TensorType> type = TensorTypeFromId(tensor->type_id);
    if (type != TensorType::kI2S && type != TensorType::kTq1_0 && type != TensorType::kTq2_0) {
      return WrongType(*tensor, "I2_S, TQ1_0 or TQ2_0");
    }
    const std::string quantization = absl::AsciiStrToLower(TensorTypeName(tensor->type_id));
    if (weights_.quantization_type.empty()) weights_.quantization_type = quantization;
    if (weights_.quantization_type != quantization) {
      return absl::UnimplementedError(absl::StrCat("tensor ", name, " is ", quantization, " while earlier ones are ",
                                                   weights_.quantization_type,
                                                   ": mixed ternary types are not implemented"));
    }
    TernaryView view = {.rows = static_cast<int64_t>(rows), .cols = static_cast<int64_t>(cols)};
    if (type == TensorType::kI2S) {
      view.packed = tensor->data.first(rows * cols / 4);
      BITNET_ASSIGN_OR_RETURN(view.scale, I2sScale(tensor->data, name));
      AddScan(tensor->name, view.packed, /*ternary=*/true);
    } else {
      BITNET_RETURN_IF_ERROR(Repack(*tensor, *type, view));
    }
    weights_.ternary.push_back({tensor->name, view});
    return view;
  }

  absl::Status Repack(const GgufTensor& tensor, TensorType type, TernaryView& view) {
    const uint64_t start = NowNs();
    AlignedBuffer<uint8_t> packed(static_cast<size_t>(view.rows * view.cols / 4));
    const auto repack = type == TensorType::kTq1_0 ? RepackTq1ToI2s : RepackTq2ToI2s;
    BITNET_ASSIGN_OR_RETURN(view.scale, repack(tensor.data, view.rows, view.cols, packed.span(), tensor.name));
    view.packed = packed.span();
    if (weights_.repacks.empty()) {
      weights_.repacks.push_back({.name = absl::StrCat(weights_.quantization_type, "_to_i2s")});
    }
    RepackRecord& record = weights_.repacks.front();
    ++record.tensors;
    record.bytes += packed.size();
    record.ns += NowNs() - start;
    weights_.repacked.push_back(std::move(packed));
    return absl::OkStatus();
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
    std::atomic<size_t> next{0};
    std::mutex mutex;
    size_t first_bad = scans_.size();
    absl::Status first_error;
    pool.Run([&](int) {
      for (size_t i = next.fetch_add(1); i < scans_.size(); i = next.fetch_add(1)) {
        absl::Status status = Scan(scans_[i]);
        if (status.ok()) continue;
        const std::lock_guard<std::mutex> lock(mutex);
        if (i < first_bad) {
          first_bad = i;
          first_error = std::move(status);
        }
      }
    });
    return first_error;
  }

  const GgufFile& file_;
  const ModelConfig& config_;
  Weights weights_;
  RepackRecord rope_rows_;  // after the formats' in the receipt
  std::vector<ScanJob> scans_;
};

}  // namespace

absl::StatusOr<Weights> Weights::Load(const GgufFile& file, const ModelConfig& config, ThreadPool& pool) {
  return Loader(file, config).Load(pool);
}

}  // namespace bitnet
