// Counts what a test binary allocates. Linking :allocation_count replaces operator new of the whole program.

#ifndef BITNET_GGUF_ALLOCATION_COUNT_H_
#define BITNET_GGUF_ALLOCATION_COUNT_H_

#include <cstdint>

namespace bitnet {

// Bytes asked of operator new since the program began, by all threads; frees are not subtracted.
uint64_t AllocatedBytes();

}  // namespace bitnet

#endif  // BITNET_GGUF_ALLOCATION_COUNT_H_
