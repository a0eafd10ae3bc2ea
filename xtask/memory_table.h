// Whose the resident memory is, as text and as JSON.

#ifndef XTASK_MEMORY_TABLE_H_
#define XTASK_MEMORY_TABLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/engine/resident_memory.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::xtask {

// A blank line, a table with a row per part and a blank line; without parts, that the system does not say.
std::string MemoryTable(const std::vector<MemoryUse>& uses);

// {"part", "size_bytes", "resident_bytes"}
JsonValue MemoryUseJson(const MemoryUse& use);

// Of the part with that name; 0 without one.
uint64_t ResidentOf(const std::vector<MemoryUse>& uses, std::string_view name);

}  // namespace bitnet::xtask

#endif  // XTASK_MEMORY_TABLE_H_
