#include "bitnet/base/cpu_features.h"

#include <cstdint>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Isa> AllIsas() {
  std::vector<Isa> isas;
  for (int i = 0; i < kIsaCount; ++i) isas.push_back(static_cast<Isa>(i));
  return isas;
}

TEST(IsaTest, NamesAreDistinctAndParseBack) {
  std::set<std::string_view> names;
  for (Isa isa : AllIsas()) {
    names.insert(IsaName(isa));
    EXPECT_EQ(*ParseIsa(IsaName(isa)), isa);
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(kIsaCount));
  EXPECT_EQ(IsaName(Isa::kScalar), "scalar");
  EXPECT_EQ(IsaName(Isa::kAvx512Vnni), "avx512vnni");
}

TEST(IsaTest, UnknownNamesListTheKnownOnes) {
  for (const char* name : {"", "AVX2", "avx", "avx2 ", "sse9"}) {
    const absl::Status status = ParseIsa(name).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name;
    EXPECT_THAT(status.message(), HasSubstr("scalar, avx2, avxvnni, avx512, avx512vnni"));
  }
}

TEST(IsaSetTest, IsASet) {
  IsaSet set = {Isa::kScalar, Isa::kAvx512};
  EXPECT_TRUE(set.Has(Isa::kAvx512));
  EXPECT_FALSE(set.Has(Isa::kAvx2));
  set.Add(Isa::kAvx2);
  set.Add(Isa::kAvx2);
  EXPECT_THAT(set.Names(), ElementsAre("scalar", "avx2", "avx512"));
  EXPECT_TRUE(set.ContainsAll({Isa::kScalar, Isa::kAvx2}));
  EXPECT_FALSE(set.ContainsAll({Isa::kNeon}));
  EXPECT_TRUE(set.ContainsAll({}));
  EXPECT_EQ(set.Intersect({Isa::kAvx2, Isa::kNeon}), IsaSet{Isa::kAvx2});
  EXPECT_EQ(IsaSet::FromBits(set.bits()), set);
}

TEST(IsaClosureTest, HoldsItselfScalarAndIsClosed) {
  for (Isa isa : AllIsas()) {
    const IsaSet closure = IsaClosure(isa);
    EXPECT_TRUE(closure.Has(isa)) << IsaName(isa);
    EXPECT_TRUE(closure.Has(Isa::kScalar)) << IsaName(isa);
    for (Isa below : AllIsas()) {
      if (!closure.Has(below)) continue;
      EXPECT_TRUE(closure.ContainsAll(IsaClosure(below))) << IsaName(isa);
    }
  }
  EXPECT_FALSE(IsaClosure(Isa::kAvx512Vnni).Has(Isa::kAvxVnni));
  EXPECT_THAT(IsaClosure(Isa::kAvx512Vnni).Names(), ElementsAre("scalar", "avx2", "avx512", "avx512vnni"));
}

TEST(DetectIsaSetTest, ScalarIsThereAndTheSetIsClosed) {
  const IsaSet set = DetectIsaSet();
  EXPECT_TRUE(set.Has(Isa::kScalar));
  EXPECT_EQ(set, DetectIsaSet());
  for (Isa isa : AllIsas()) {
    if (!set.Has(isa)) continue;
    EXPECT_TRUE(set.ContainsAll(IsaClosure(isa))) << IsaName(isa);
  }
  EXPECT_FALSE(set.Has(Isa::kAvx2) && set.Has(Isa::kNeon));
}

TEST(DetectIsaSetTest, AgreesWithTheCompilerWhereBothHaveAName) {
#if defined(__x86_64__)
  // The compiler's runtime looks at cpuid and xgetbv on its own.
  __builtin_cpu_init();
  EXPECT_EQ(DetectIsaSet().Has(Isa::kAvx2), __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  if (DetectIsaSet().Has(Isa::kAvx512)) {
    EXPECT_TRUE(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"));
  }
  if (DetectIsaSet().Has(Isa::kAvx512Vnni)) {
    EXPECT_TRUE(__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi"));
  }
#else
  GTEST_SKIP() << "x86-64 only";
#endif
}

TEST(HostInfoTest, KnowsTheMachine) {
  const HostInfo info = ReadHostInfo();
  EXPECT_THAT(info.os, HasSubstr("linux"));
  EXPECT_GE(info.logical_cores, 1);
  EXPECT_GT(info.memory_bytes, uint64_t{1} << 26);
}

TEST(FloatControlTest, DefaultCanBeRestored) {
  SetDefaultFloatControl();
  EXPECT_EQ(ReadFloatControl(), kDefaultFloatControl);
#if defined(__x86_64__)
  // A thread of its own, so that no other test computes with denormals flushed.
  std::thread([] {
    constexpr unsigned kFlushToZero = 0x8000;
    __builtin_ia32_ldmxcsr(kDefaultFloatControl | kFlushToZero);
    EXPECT_EQ(ReadFloatControl(), kDefaultFloatControl | kFlushToZero);
    SetDefaultFloatControl();
    EXPECT_EQ(ReadFloatControl(), kDefaultFloatControl);
    // Sticky exception flags are history, not state.
    volatile float zero = 0.0f;
    volatile float infinity = 1.0f / zero;
    EXPECT_EQ(infinity, infinity);
    EXPECT_EQ(ReadFloatControl(), kDefaultFloatControl);
  }).join();
#endif
}

}  // namespace
}  // namespace bitnet
