#include "bitnet/convert/convert.h"

#include <utility>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/parallel.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/convert/target_tilings.h"
#include "bitnet/convert/workspace.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/ternary_file/format_keys.h"

namespace bitnet {
namespace {

// Packed tensors are written when this much has gathered: enough for all workers to end together.
constexpr uint64_t kBatchBytes = uint64_t{64} << 20;

class Converter {
 public:
  Converter(const ModelSource& source, const ConvertOptions& options, ThreadPool& pool, ConvertProgress progress)
      : source_(source),
        to_(*options.to),
        options_(options),
        pool_(pool),
        progress_(progress),
        workers_(ConvertWorkers(source, pool, 1)),
        trits_(workers_) {
    for (size_t i = 0; i < source.tensors().size(); ++i) {
      if (!source.tensors()[i].ternary) continue;
      ternary_.push_back(i);
      weights_ += static_cast<uint64_t>(source.tensors()[i].elements());
    }
  }

  absl::StatusOr<ConvertResult> Run(const std::string& path) {
    BITNET_ASSIGN_OR_RETURN(tilings_, TargetTilings(source_, to_, options_.tilings));
    BITNET_RETURN_IF_ERROR(CheckShapes());
    BITNET_RETURN_IF_ERROR(ReadAll());
    BITNET_RETURN_IF_ERROR(AddDirectory());
    BITNET_RETURN_IF_ERROR(writer_.Begin(path));
    BITNET_RETURN_IF_ERROR(WriteAll());
    BITNET_RETURN_IF_ERROR(writer_.Finish());
    result_.bytes = writer_.FileSize();
    result_.tensors = source_.tensors().size();
    return std::move(result_);
  }

 private:
  const SourceTensor& Tensor(size_t index) const { return source_.tensors()[index]; }

  static absl::Status Named(const SourceTensor& tensor, const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat("tensor ", tensor.name, ": ", status.message()));
  }

  CodecParams Params(const SourceTensor& tensor) const {
    return {.tiling = FindTiling(tilings_, tensor.rows(), tensor.cols()), .isa = options_.isa};
  }

  absl::Status CheckShapes() const {
    for (const size_t index : ternary_) {
      const SourceTensor& tensor = Tensor(index);
      const absl::Status fits = to_.check_shape(tensor.rows(), tensor.cols(), Params(tensor));
      if (!fits.ok()) return Named(tensor, fits);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<TritsRead> Read(size_t index, std::span<int8_t> trits) const {
    BITNET_ASSIGN_OR_RETURN(const TritsRead read, source_.ReadTrits(index, trits));
    if (to_.has_zero) return read;
    for (size_t i = 0; i < trits.size(); ++i) {
      if (trits[i] != 0) continue;
      return absl::InvalidArgumentError(absl::StrCat("tensor ", Tensor(index).name, ": weight ", i, " is 0, and ",
                                                     to_.name, " holds -1 and +1 only"));
    }
    return read;
  }

  // First pass: scales and errors of quantization; what cannot be read is found before anything is written.
  absl::Status ReadAll() {
    result_.ternary.resize(ternary_.size());
    ProgressCounter counter("read", weights_, progress_);
    return ParallelForEach(pool_, ternary_.size(), workers_, [&](size_t i, int worker) -> absl::Status {
      const SourceTensor& tensor = Tensor(ternary_[i]);
      const uint64_t elements = static_cast<uint64_t>(tensor.elements());
      BITNET_ASSIGN_OR_RETURN(const TritsRead read, Read(ternary_[i], trits_.Get(worker, elements)));
      result_.ternary[i] = {.name = tensor.name, .scale = read.scale, .error = read.error};
      return counter.Add(elements, worker);
    });
  }

  absl::Status AddDirectory() {
    std::vector<float> scales;
    for (const ConvertedTensor& tensor : result_.ternary) scales.push_back(tensor.scale);
    source_.AddMetadata(writer_, [&] { AddFormatKeys(to_, scales, tilings_, writer_); });
    for (const SourceTensor& tensor : source_.tensors()) {
      BITNET_RETURN_IF_ERROR(
          writer_.AddTensor(tensor.name, tensor.ternary ? to_.type : tensor.stored_type, tensor.dims));
    }
    return absl::OkStatus();
  }

  // Second pass, batch after batch of tensors in directory order.
  absl::Status WriteAll() {
    ProgressCounter counter("write", weights_, progress_);
    for (size_t begin = 0; begin < source_.tensors().size();) {
      size_t end = begin;
      std::vector<size_t> batch;  // the ternary ones in [begin, end)
      std::vector<AlignedBuffer<uint8_t>> packed;
      uint64_t bytes = 0;
      for (; end < source_.tensors().size() && bytes < kBatchBytes; ++end) {
        const SourceTensor& tensor = Tensor(end);
        if (!tensor.ternary) continue;
        batch.push_back(end);
        packed.emplace_back(to_.size(tensor.rows(), tensor.cols()));
        bytes += packed.back().size();
      }
      BITNET_RETURN_IF_ERROR(ParallelForEach(pool_, batch.size(), workers_, [&](size_t i, int worker) {
        return Pack(batch[i], worker, packed[i].span(), counter);
      }));
      BITNET_RETURN_IF_ERROR(WriteBatch(begin, end, packed));
      begin = end;
    }
    return absl::OkStatus();
  }

  absl::Status Pack(size_t index, int worker, std::span<uint8_t> data, ProgressCounter& counter) {
    const SourceTensor& tensor = Tensor(index);
    const std::span<int8_t> trits = trits_.Get(worker, static_cast<size_t>(tensor.elements()));
    BITNET_ASSIGN_OR_RETURN(const TritsRead read, Read(index, trits));
    const absl::Status status = to_.pack(trits, tensor.rows(), tensor.cols(), read.scale, Params(tensor), data);
    if (!status.ok()) return Named(tensor, status);
    return counter.Add(trits.size(), worker);
  }

  absl::Status WriteBatch(size_t begin, size_t end, const std::vector<AlignedBuffer<uint8_t>>& packed) {
    size_t next = 0;
    for (size_t i = begin; i < end; ++i) {
      if (Tensor(i).ternary) {
        BITNET_RETURN_IF_ERROR(writer_.WriteTensorData(packed[next++].span()));
      } else {
        BITNET_RETURN_IF_ERROR(
            source_.ReadStored(i, [&](std::span<const uint8_t> bytes) { return writer_.WriteTensorData(bytes); }));
      }
    }
    return absl::OkStatus();
  }

  const ModelSource& source_;
  const TernaryCodec& to_;
  const ConvertOptions& options_;
  ThreadPool& pool_;
  ConvertProgress progress_;
  const int workers_;
  WorkerBuffers<int8_t> trits_;
  std::vector<size_t> ternary_;    // indices of the ternary tensors
  uint64_t weights_ = 0;           // in them
  std::vector<TlTiling> tilings_;  // TL1 and TL2
  ConvertResult result_;
  GgufWriter writer_;
};

}  // namespace

absl::StatusOr<ConvertResult> Convert(const ModelSource& source, const ConvertOptions& options, const std::string& path,
                                      ThreadPool& pool, ConvertProgress progress) {
  CHECK(options.to != nullptr);
  return Converter(source, options, pool, progress).Run(path);
}

}  // namespace bitnet
