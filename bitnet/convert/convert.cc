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
      (source.tensors()[i].ternary ? ternary_ : stored_).push_back(i);
      if (!source.tensors()[i].ternary) continue;
      weights_ += static_cast<uint64_t>(source.tensors()[i].elements());
    }
  }

  absl::StatusOr<ConvertResult> Run(const std::string& path, ConvertCheck check) {
    BITNET_ASSIGN_OR_RETURN(tilings_, TargetTilings(source_, to_, options_.tilings));
    BITNET_RETURN_IF_ERROR(CheckShapes());
    BITNET_RETURN_IF_ERROR(ReadAll());
    BITNET_RETURN_IF_ERROR(AddDirectory());
    BITNET_RETURN_IF_ERROR(writer_.Begin(path));
    BITNET_RETURN_IF_ERROR(WriteAll());
    BITNET_ASSIGN_OR_RETURN(const std::string written, writer_.Complete());
    BITNET_RETURN_IF_ERROR(check(written));
    BITNET_RETURN_IF_ERROR(writer_.Finish());
    result_.bytes = writer_.FileSize();
    result_.tensors = source_.tensors().size();
    return std::move(result_);
  }

 private:
  const SourceTensor& Tensor(size_t index) const { return source_.tensors()[index]; }

  static absl::Status Named(const SourceTensor& tensor, const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat("tensor ", tensor.shown(), ": ", status.message()));
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

  absl::StatusOr<TritsRead> Read(size_t index, std::span<int8_t> trits, MeasureError measure) const {
    BITNET_ASSIGN_OR_RETURN(const TritsRead read, source_.ReadTrits(index, trits, measure));
    if (to_.has_zero) return read;
    for (size_t i = 0; i < trits.size(); ++i) {
      if (trits[i] != 0) continue;
      return absl::InvalidArgumentError(absl::StrCat("tensor ", Tensor(index).shown(), ": weight ", i, " is 0, and ",
                                                     to_.name, " holds -1 and +1 only"));
    }
    return read;
  }

  // First pass: scales and errors of quantization; what cannot be read or written is found before anything is written.
  absl::Status ReadAll() {
    result_.ternary.resize(ternary_.size());
    const size_t stored = stored_.size();
    ProgressCounter counter("read", weights_, progress_);
    BITNET_RETURN_IF_ERROR(counter.Poll());
    BITNET_RETURN_IF_ERROR(
        ParallelForEach(pool_, stored + ternary_.size(), workers_, [&](size_t i, int worker) -> absl::Status {
          if (i < stored) return CheckStored(stored_[i]);
          return CheckTernary(i - stored, worker, counter);
        }));
    return counter.Poll();
  }

  absl::Status CheckStored(size_t index) const {
    return source_.ReadStored(index, [](std::span<const uint8_t>) { return absl::OkStatus(); });
  }

  absl::Status CheckTernary(size_t i, int worker, ProgressCounter& counter) {
    const SourceTensor& tensor = Tensor(ternary_[i]);
    const uint64_t elements = static_cast<uint64_t>(tensor.elements());
    BITNET_ASSIGN_OR_RETURN(const TritsRead read, Read(ternary_[i], trits_.Get(worker, elements), MeasureError::kYes));
    const absl::Status fits = CheckCodecScale(to_, read.scale);
    if (!fits.ok()) return Named(tensor, fits);
    result_.ternary[i] = {.name = tensor.name, .scale = read.scale, .error = read.error};
    return counter.Add(elements, worker);
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
      BITNET_RETURN_IF_ERROR(WriteBatch(begin, end, packed, counter));
      begin = end;
    }
    return absl::OkStatus();
  }

  absl::Status Pack(size_t index, int worker, std::span<uint8_t> data, ProgressCounter& counter) {
    const SourceTensor& tensor = Tensor(index);
    const std::span<int8_t> trits = trits_.Get(worker, static_cast<size_t>(tensor.elements()));
    BITNET_ASSIGN_OR_RETURN(const TritsRead read, Read(index, trits, MeasureError::kNo));
    const absl::Status status = to_.pack(trits, tensor.rows(), tensor.cols(), read.scale, Params(tensor), data);
    if (!status.ok()) return Named(tensor, status);
    return counter.Add(trits.size(), worker);
  }

  absl::Status WriteBatch(size_t begin, size_t end, const std::vector<AlignedBuffer<uint8_t>>& packed,
                          ProgressCounter& counter) {
    size_t next = 0;
    for (size_t i = begin; i < end; ++i) {
      BITNET_RETURN_IF_ERROR(counter.Poll());
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
  std::vector<size_t> stored_;     // and of the others
  uint64_t weights_ = 0;           // in them
  std::vector<TlTiling> tilings_;  // TL1 and TL2
  ConvertResult result_;
  GgufWriter writer_;
};

}  // namespace

absl::StatusOr<ConvertResult> Convert(const ModelSource& source, const ConvertOptions& options, const std::string& path,
                                      ThreadPool& pool, ConvertProgress progress, ConvertCheck check) {
  CHECK(options.to != nullptr);
  return Converter(source, options, pool, progress).Run(path, check);
}

absl::StatusOr<ConvertResult> Convert(const ModelSource& source, const ConvertOptions& options, const std::string& path,
                                      ThreadPool& pool, ConvertProgress progress) {
  return Convert(source, options, path, pool, progress, [](const std::string&) { return absl::OkStatus(); });
}

}  // namespace bitnet
