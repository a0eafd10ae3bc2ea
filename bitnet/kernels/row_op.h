// What every op whose parallel axis is the token row shares: the KernelId -> function table and the grain.

#ifndef BITNET_KERNELS_ROW_OP_H_
#define BITNET_KERNELS_ROW_OP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/log/check.h"
#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {

template <typename Fn>
struct KernelRow {
  KernelId kernel;
  Fn fn;
};

// The function behind `kernel`. It must be in the table: asking for a kernel of another op, or of another CPU
// architecture, is a programming error.
template <typename Fn, size_t kRows>
Fn FindKernelFn(const KernelRow<Fn> (&table)[kRows], KernelId kernel) {
  const auto row = std::find_if(table, table + kRows, [&](const KernelRow<Fn>& r) { return r.kernel == kernel; });
  CHECK(row != table + kRows) << "kernel " << GetKernel(kernel).id << " is not in this op's table on this CPU";
  return row->fn;
}

// Rows per unit of work, for element-wise ops over rows of `elements` floats. 16384 floats are about 2 us of work,
// what waking the pool costs; a decode step (one row) always stays on the calling thread.
inline int64_t RowGrain(int64_t elements) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, elements)); }

}  // namespace bitnet

#endif  // BITNET_KERNELS_ROW_OP_H_
