// What Convert and VerifyConversion share: buffers of the workers, bounds of memory, progress.

#ifndef BITNET_CONVERT_WORKSPACE_H_
#define BITNET_CONVERT_WORKSPACE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/model_source.h"

namespace bitnet {

// All workers' matrices of trits together stay below this, or there is one worker: with one byte a weight, eight
// workers at the largest matrix of a 70B model would need 2 GB.
inline constexpr uint64_t kMaxTritBytes = uint64_t{384} << 20;

inline uint64_t LargestTernary(const ModelSource& source) {
  uint64_t largest = 1;
  for (const SourceTensor& tensor : source.tensors()) {
    if (tensor.ternary) largest = std::max(largest, static_cast<uint64_t>(tensor.elements()));
  }
  return largest;
}

// `copies`: matrices of trits that one worker holds.
inline int ConvertWorkers(const ModelSource& source, const ThreadPool& pool, uint64_t copies) {
  const uint64_t fits = kMaxTritBytes / (LargestTernary(source) * copies);
  return static_cast<int>(std::clamp<uint64_t>(fits, 1, static_cast<uint64_t>(pool.size())));
}

// A buffer for each worker that grows to the largest size asked for. A worker touches its own only.
template <typename T>
class WorkerBuffers {
 public:
  explicit WorkerBuffers(int workers) : buffers_(static_cast<size_t>(workers)) {}
  std::span<T> Get(int worker, size_t size) {
    AlignedBuffer<T>& buffer = buffers_[static_cast<size_t>(worker)];
    if (buffer.size() < size) buffer = AlignedBuffer<T>(size);
    return buffer.span().first(size);
  }

 private:
  std::vector<AlignedBuffer<T>> buffers_;
};

// Counts weights from any worker; asks the caller's callback on worker 0, which is the caller's thread. Which jobs that
// worker gets is chance, so the caller also asks at the end of each batch of jobs.
class ProgressCounter {
 public:
  ProgressCounter(std::string_view stage, uint64_t total, ConvertProgress progress)
      : stage_(stage), total_(std::max<uint64_t>(total, 1)), progress_(progress) {}

  // Cancelled once the callback has said so.
  absl::Status Add(uint64_t weights, int worker) {
    const uint64_t done = done_.fetch_add(weights) + weights;
    if (worker == 0) return Poll(done);
    return State();
  }

  // On the caller's thread.
  absl::Status Poll() { return Poll(done_.load()); }

 private:
  absl::Status Poll(uint64_t done) {
    if (!progress_(stage_, std::min(done, total_), total_)) cancelled_.store(true);
    return State();
  }
  absl::Status State() const { return cancelled_.load() ? absl::CancelledError("interrupted") : absl::OkStatus(); }

  const std::string_view stage_;
  const uint64_t total_;
  ConvertProgress progress_;
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> cancelled_{false};
};

}  // namespace bitnet

#endif  // BITNET_CONVERT_WORKSPACE_H_
