#include "xtask/op_times.h"

#include <algorithm>
#include <array>

#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet::xtask {
namespace {

bool IsChoice(Op op) { return op == Op::kArgmax || op == Op::kSample; }

uint64_t Without(uint64_t whole, uint64_t part) { return whole > part ? whole - part : 0; }

}  // namespace

std::vector<OpTime> OpTimes(const Recorder& before, const Recorder& after, uint64_t phase_ns) {
  std::array<OpTime, kOpCount> by_op;
  for (const KernelInfo& kernel : KernelTable()) {
    const KernelRecord& from = before.record(kernel.kernel);
    const KernelRecord& to = after.record(kernel.kernel);
    OpTime& op = by_op[static_cast<size_t>(kernel.op)];
    op.calls += to.work.calls - from.work.calls;
    op.ns += to.ns - from.ns;
    op.macs += to.work.macs - from.work.macs;
    op.bytes += to.work.bytes - from.work.bytes;
  }
  std::vector<OpTime> ops;
  uint64_t in_passes = 0, in_kernels = 0, in_choices = 0;
  for (int i = 0; i < kOpCount; ++i) {
    OpTime& op = by_op[static_cast<size_t>(i)];
    if (op.calls == 0) continue;
    if (IsSpan(static_cast<Op>(i))) {
      in_passes += op.ns;
      continue;
    }
    (IsChoice(static_cast<Op>(i)) ? in_choices : in_kernels) += op.ns;
    op.op = std::string(OpReceiptId(static_cast<Op>(i)));
    ops.push_back(op);
  }
  std::stable_sort(ops.begin(), ops.end(), [](const OpTime& a, const OpTime& b) { return a.ns > b.ns; });
  ops.push_back({.op = kPassRest, .ns = Without(in_passes, in_kernels)});
  ops.push_back({.op = kBetweenPasses, .ns = Without(phase_ns, in_passes + in_choices)});
  return ops;
}

}  // namespace bitnet::xtask
