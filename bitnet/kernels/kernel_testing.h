// For tests of op packages: one parameterised instance per kernel row, skipped by name where the CPU lacks its
// instruction set.

#ifndef BITNET_KERNELS_KERNEL_TESTING_H_
#define BITNET_KERNELS_KERNEL_TESTING_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "gtest/gtest.h"

namespace bitnet {

inline std::vector<KernelId> KernelsOf(Op op) {
  std::vector<KernelId> kernels;
  for (const KernelInfo& info : KernelTable()) {
    if (info.op == op) kernels.push_back(info.kernel);
  }
  return kernels;
}

inline std::string KernelTestName(const testing::TestParamInfo<KernelId>& info) {
  return std::string(GetKernel(info.param).id);
}

// A test fixture whose parameter is the kernel under test.
class KernelTest : public testing::TestWithParam<KernelId> {
 protected:
  void SetUp() override {
    const KernelInfo& info = GetKernel(GetParam());
    if (!DetectIsaSet().Has(info.isa)) {
      GTEST_SKIP() << "kernel " << info.id << " not tested: this CPU has no " << IsaName(info.isa);
    }
  }
};

// Whether this CPU has `isa`, for loops, which cannot skip a test; if not, says that `what` was not tested with it.
inline bool CpuHas(Isa isa, std::string_view what) {
  const bool has = DetectIsaSet().ContainsAll(IsaClosure(isa));
  if (!has) std::cout << "[  SKIPPED ] " << what << " with " << IsaName(isa) << ": this CPU lacks it\n";
  return has;
}

inline void ExpectSameBits(std::span<const float> expected, std::span<const float> got, const std::string& test_case) {
  ASSERT_EQ(expected.size(), got.size()) << test_case;
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(expected[i]), std::bit_cast<uint32_t>(got[i]))
        << test_case << ", element " << i << ": expected " << expected[i] << ", got " << got[i];
  }
}

}  // namespace bitnet

#endif  // BITNET_KERNELS_KERNEL_TESTING_H_
