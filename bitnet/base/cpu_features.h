// What this CPU can do, by our own cpuid code: the compilers' __builtin_cpu_supports disagree about names.

#ifndef BITNET_BASE_CPU_FEATURES_H_
#define BITNET_BASE_CPU_FEATURES_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet {

// Instruction sets that kernels are written for. Append only: the numbers are bit positions in IsaSet.
enum class Isa : uint8_t {
  kScalar = 0,      // portable C++, every CPU
  kAvx2 = 1,        // AVX2 + FMA + F16C
  kAvxVnni = 2,     // AVX2 and 256-bit vpdpbusd without AVX-512
  kAvx512 = 3,      // F + BW + DQ + VL
  kAvx512Vnni = 4,  // AVX-512 and VNNI + VBMI
  kAmxInt8 = 5,     // AMX tiles of int8, granted by the kernel
  kNeon = 6,        // AArch64 baseline
  kNeonDotprod = 7,
  kNeonI8mm = 8,
};
inline constexpr int kIsaCount = 9;

// "scalar", "avx2", "avxvnni", "avx512", "avx512vnni", "amx", "neon", "dotprod", "i8mm".
std::string_view IsaName(Isa isa);

// A set of instruction sets. A value type.
class IsaSet {
 public:
  constexpr IsaSet() = default;
  constexpr IsaSet(std::initializer_list<Isa> isas) {
    for (Isa isa : isas) Add(isa);
  }
  constexpr void Add(Isa isa) { bits_ |= 1u << static_cast<int>(isa); }
  constexpr bool Has(Isa isa) const { return (bits_ >> static_cast<int>(isa)) & 1u; }
  constexpr bool ContainsAll(IsaSet other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr IsaSet Intersect(IsaSet other) const { return FromBits(bits_ & other.bits_); }
  constexpr uint32_t bits() const { return bits_; }
  static constexpr IsaSet FromBits(uint32_t bits) {
    IsaSet set;
    set.bits_ = bits;
    return set;
  }
  constexpr bool operator==(const IsaSet&) const = default;
  std::vector<std::string_view> Names() const;

 private:
  uint32_t bits_ = 0;
};

// `isa` and everything below it: kAvx512Vnni implies kAvx512, kAvx2 and kScalar, but not kAvxVnni.
IsaSet IsaClosure(Isa isa);

// Parses an --isa value ("avx512vnni"). InvalidArgument lists the known names.
absl::StatusOr<Isa> ParseIsa(std::string_view name);

// Instruction sets that this CPU and operating system let us use. Always has kScalar.
IsaSet DetectIsaSet();

// Facts about the machine for receipts and `xtask doctor`. Unknown values are empty or 0.
struct HostInfo {
  std::string cpu_brand;      // "AMD EPYC 9R45" or as the hypervisor spells it
  std::string os;             // "linux-x86_64"
  std::string governor;       // cpufreq governor of cpu 0, or "" when the kernel shows none
  std::string clocksource;    // "tsc", "kvm-clock", ...
  int logical_cores = 0;      // that this process may run on
  bool smt = false;           // some core has more than one hardware thread
  uint64_t llc_bytes = 0;     // last-level cache
  uint64_t memory_bytes = 0;  // physical memory
};
HostInfo ReadHostInfo();

// The MXCSR register: rounding, FTZ and DAZ bits. 0x1f80 is round-to-nearest, nothing flushed. Other CPUs: 0x1f80
// when their control register says the same thing.
uint32_t ReadFloatControl();
// Puts the calling thread into that state; CA-1 needs it.
void SetDefaultFloatControl();
inline constexpr uint32_t kDefaultFloatControl = 0x1f80;

}  // namespace bitnet

#endif  // BITNET_BASE_CPU_FEATURES_H_
