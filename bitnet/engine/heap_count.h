// Counts what a test binary takes from the heap. Linking :heap_count replaces malloc and its kin in the whole program,
// and with them operator new and what libraries allocate.

#ifndef BITNET_ENGINE_HEAP_COUNT_H_
#define BITNET_ENGINE_HEAP_COUNT_H_

#include <cstdint>

namespace bitnet {

// False where a sanitizer has an allocator of its own, and without glibc: then HeapAllocations() is 0.
bool HeapIsCounted();

// Calls of malloc, calloc, realloc and the aligned ones since the program began, by all threads.
uint64_t HeapAllocations();

}  // namespace bitnet

#endif  // BITNET_ENGINE_HEAP_COUNT_H_
