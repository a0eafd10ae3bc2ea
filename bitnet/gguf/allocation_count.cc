#include "bitnet/gguf/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<uint64_t> allocated_bytes{0};
}  // namespace

// A source file of its own: where the compiler could inline these, it would see new paired with free and warn.
void* operator new(size_t size) {
  allocated_bytes.fetch_add(size, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace bitnet {

uint64_t AllocatedBytes() { return allocated_bytes.load(std::memory_order_relaxed); }

}  // namespace bitnet
