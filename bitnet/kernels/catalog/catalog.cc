#include "bitnet/kernels/catalog/catalog.h"

#include "absl/log/check.h"

namespace bitnet {
namespace {

constexpr KernelInfo kKernels[] = {
#define KERNEL(symbol, id, op, rows, isa) {KernelId::k##symbol, #id, Op::k##op, RowClass::rows, Isa::isa},
#include "bitnet/kernels/catalog/kernels.def"
#undef KERNEL
};

constexpr std::string_view kOpIds[] = {
#define OP(symbol, id) #id,
#include "bitnet/kernels/catalog/ops.def"
#undef OP
};

bool Serves(const KernelInfo& kernel, Op op, int64_t rows, IsaSet isa) {
  if (kernel.op != op || !isa.Has(kernel.isa)) return false;
  return kernel.rows == RowClass::kAny || (kernel.rows == RowClass::kOne) == (rows == 1);
}

}  // namespace

std::span<const KernelInfo> KernelTable() { return kKernels; }

std::string_view OpReceiptId(Op op) { return kOpIds[static_cast<int>(op)]; }

std::optional<KernelId> FindKernel(std::string_view id) {
  for (const KernelInfo& kernel : kKernels) {
    if (kernel.id == id) return kernel.kernel;
  }
  return std::nullopt;
}

std::optional<Op> FindOp(std::string_view receipt_id) {
  for (int i = 0; i < kOpCount; ++i) {
    if (kOpIds[i] == receipt_id) return static_cast<Op>(i);
  }
  return std::nullopt;
}

KernelId SelectKernel(Op op, int64_t rows, IsaSet isa) {
  const KernelInfo* best = nullptr;
  for (const KernelInfo& kernel : kKernels) {
    if (Serves(kernel, op, rows, isa)) best = &kernel;
  }
  CHECK(best != nullptr) << "no kernel for op " << OpReceiptId(op) << ": the instruction sets lack scalar";
  return best->kernel;
}

IsaSet IsasWithKernels() {
  IsaSet isas;
  for (const KernelInfo& kernel : kKernels) isas.Add(kernel.isa);
  return isas;
}

Digest RegistryDigest() {
  Sha256 hash;
  for (std::string_view id : kOpIds) hash.Update(id).Update("\n");
  for (const KernelInfo& kernel : kKernels) {
    hash.Update(kernel.id).Update(" ").Update(OpReceiptId(kernel.op)).Update(" ");
    hash.UpdateU32(static_cast<uint32_t>(kernel.rows)).Update(IsaName(kernel.isa)).Update("\n");
  }
  return hash.Finish();
}

}  // namespace bitnet
