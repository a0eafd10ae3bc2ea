// How much of this process's memory is resident, and whose it is.

#ifndef BITNET_ENGINE_RESIDENT_MEMORY_H_
#define BITNET_ENGINE_RESIDENT_MEMORY_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bitnet/engine/session.h"

namespace bitnet {

// Bytes of `part` whose pages are in this process's resident set; empty when the system does not say
// (/proc/self/pagemap of Linux). `part` is memory of this process.
std::optional<uint64_t> ResidentBytes(std::span<const uint8_t> part);

// The resident set of this process now; 0 when the system does not say.
uint64_t ResidentSetBytes();

struct MemoryUse {
  std::string name;
  uint64_t size = 0;      // bytes of address space
  uint64_t resident = 0;  // of them in memory now
};

// mapped_file: the model file. int8_head: the copy that the head is screened by. repacked: tensors in another layout.
// kv_cache, activations (with scratch), logits: the session's. rest: what else the process has, size as resident:
// program, tokenizer, tables, buffers of the caller. Empty when the system does not say.
std::vector<MemoryUse> MemoryUseOf(const Session& session);

}  // namespace bitnet

#endif  // BITNET_ENGINE_RESIDENT_MEMORY_H_
