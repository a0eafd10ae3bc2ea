#include "bitnet/engine/resident_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "bitnet/base/aligned_buffer.h"

namespace bitnet {
namespace {

// An entry of /proc/self/pagemap: bit 63 says that the page is present.
constexpr uint64_t kPresent = uint64_t{1} << 63;
constexpr size_t kEntriesAtATime = 4096;

using Bytes = std::span<const uint8_t>;

template <typename T>
Bytes BytesOf(const T* data, size_t count) {
  return {reinterpret_cast<const uint8_t*>(data), count * sizeof(T)};
}
template <typename T>
Bytes BytesOf(const AlignedBuffer<T>& buffer) {
  return BytesOf(buffer.data(), buffer.size());
}

std::vector<Bytes> ActivationBytes(const Activations& a) {
  std::vector<Bytes> parts = {
      BytesOf(a.x),           BytesOf(a.h),           BytesOf(a.q),          BytesOf(a.k),
      BytesOf(a.v),           BytesOf(a.attn),        BytesOf(a.gate),       BytesOf(a.up),
      BytesOf(a.proj),        BytesOf(a.q8),          BytesOf(a.scale),      BytesOf(a.sum),
      BytesOf(a.scores),      BytesOf(a.screen.high), BytesOf(a.screen.low), BytesOf(a.screen.lower),
      BytesOf(a.screen.upper)};
  for (const std::vector<float>& best : a.screen.best) parts.push_back(BytesOf(best.data(), best.capacity()));
  for (const std::vector<int32_t>& ids : a.screen.candidates) parts.push_back(BytesOf(ids.data(), ids.capacity()));
  return parts;
}

// False when the system does not say.
bool AddUse(std::string_view name, const std::vector<Bytes>& parts, std::vector<MemoryUse>& uses) {
  MemoryUse use{.name = std::string(name)};
  for (const Bytes part : parts) {
    const std::optional<uint64_t> resident = ResidentBytes(part);
    if (!resident) return false;
    use.size += part.size();
    use.resident += *resident;
  }
  if (use.size > 0) uses.push_back(std::move(use));
  return true;
}

}  // namespace

std::optional<uint64_t> ResidentBytes(std::span<const uint8_t> part) {
  if (part.empty()) return 0;
  const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  const absl::Cleanup close_fd = [fd] { close(fd); };
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t begin = reinterpret_cast<uintptr_t>(part.data());
  const uint64_t end = begin + part.size();
  const uint64_t last_page = (end + page - 1) / page;
  std::vector<uint64_t> entries(kEntriesAtATime);
  uint64_t resident = 0;
  for (uint64_t first = begin / page; first < last_page;) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(kEntriesAtATime, last_page - first));
    const ssize_t got =
        pread(fd, entries.data(), wanted * sizeof(uint64_t), static_cast<off_t>(first * sizeof(uint64_t)));
    if (got < static_cast<ssize_t>(sizeof(uint64_t))) return std::nullopt;
    const size_t count = static_cast<size_t>(got) / sizeof(uint64_t);
    for (size_t i = 0; i < count; ++i) {
      if ((entries[i] & kPresent) == 0) continue;
      const uint64_t from = std::max(begin, (first + i) * page);
      resident += std::min(end, (first + i + 1) * page) - from;
    }
    first += count;
  }
  return resident;
}

uint64_t ResidentSetBytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long total = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::vector<MemoryUse> MemoryUseOf(const Session& session) {
  const LoadedModel& model = session.model();
  std::vector<Bytes> caches;
  for (const KvCache& cache : session.caches()) {
    const size_t half = static_cast<size_t>(cache.bytes() / sizeof(F16) / 2);
    caches.push_back(BytesOf(cache.keys(0), half));
    caches.push_back(BytesOf(cache.values(0), half));
  }
  std::vector<Bytes> repacked;
  for (const AlignedBuffer<uint8_t>& buffer : model.weights.repacked) repacked.push_back(BytesOf(buffer));
  std::vector<MemoryUse> uses;
  const bool said = AddUse("mapped_file", {model.file.bytes()}, uses) &&
                    AddUse("int8_head", model.weights.screened_head.memory(), uses) &&
                    AddUse("repacked", repacked, uses) && AddUse("kv_cache", caches, uses) &&
                    AddUse("activations", ActivationBytes(session.activations()), uses) &&
                    AddUse("logits", {BytesOf(session.logits_buffer().data(), session.logits_buffer().size())}, uses);
  const uint64_t all = ResidentSetBytes();
  if (!said || all == 0) return {};
  uint64_t known = 0;
  for (const MemoryUse& use : uses) known += use.resident;
  const uint64_t rest = all > known ? all - known : 0;
  uses.push_back({"rest", rest, rest});
  return uses;
}

}  // namespace bitnet
