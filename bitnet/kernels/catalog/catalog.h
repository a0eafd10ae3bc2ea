// The kernel catalog: which operations and kernels exist, what they are called, and which one runs when.
//
// Data only, no kernel code: the auditor reads this package without linking the engine. Dispatch is a pure function
// of (op, rows, instruction sets), so a test on any machine, and `verify` on another one, can say which kernel must
// have run.

#ifndef BITNET_KERNELS_CATALOG_CATALOG_H_
#define BITNET_KERNELS_CATALOG_CATALOG_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"

namespace bitnet {

enum class Op : uint8_t {
#define OP(symbol, id) k##symbol,
#include "bitnet/kernels/catalog/ops.def"
#undef OP
};
#define OP(symbol, id) +1
inline constexpr int kOpCount = 0
#include "bitnet/kernels/catalog/ops.def"
    ;
#undef OP

enum class KernelId : uint8_t {
#define KERNEL(symbol, id, op, rows, isa) k##symbol,
#include "bitnet/kernels/catalog/kernels.def"
#undef KERNEL
};
#define KERNEL(symbol, id, op, rows, isa) +1
inline constexpr int kKernelCount = 0
#include "bitnet/kernels/catalog/kernels.def"
    ;
#undef KERNEL

// How many tokens a call works on.
enum class RowClass : uint8_t { kAny, kOne, kMany };

struct KernelInfo {
  KernelId kernel;
  std::string_view id;  // "i2s_gemv_avx512vnni"
  Op op;
  RowClass rows;
  Isa isa;
};

// All kernels, in the order of kernels.def; KernelTable()[int(k)].kernel == k.
std::span<const KernelInfo> KernelTable();

inline const KernelInfo& GetKernel(KernelId kernel) { return KernelTable()[static_cast<int>(kernel)]; }

// "i2s_gemv" for Op::kTernaryMatmul.
std::string_view OpReceiptId(Op op);

// A span covers other kernels: its time includes theirs and it does no work of its own.
constexpr bool IsSpan(Op op) { return op == Op::kPrefillForward || op == Op::kDecodeForward; }

std::optional<KernelId> FindKernel(std::string_view id);
std::optional<Op> FindOp(std::string_view receipt_id);

// The kernel that runs `op` on `rows` >= 1 tokens when `isa` may be used. Every op has a scalar kernel, so there is
// always one as long as `isa` has kScalar (it must).
KernelId SelectKernel(Op op, int64_t rows, IsaSet isa);

// The instruction sets that some kernel is written for. Others change nothing about dispatch.
IsaSet IsasWithKernels();

// SHA-256 over every row of both lists: two programs with the same digest mean the same things by the same ids.
Digest RegistryDigest();

}  // namespace bitnet

#endif  // BITNET_KERNELS_CATALOG_CATALOG_H_
