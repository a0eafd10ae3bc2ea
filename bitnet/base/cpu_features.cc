#include "bitnet/base/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace bitnet {
namespace {

constexpr std::string_view kNames[kIsaCount] = {"scalar", "avx2", "avxvnni", "avx512", "avx512vnni",
                                                "amx",    "neon", "dotprod", "i8mm"};

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(absl::StripAsciiWhitespace(line));
}

#if defined(__x86_64__)

struct Registers {
  uint32_t a = 0, b = 0, c = 0, d = 0;
};

Registers Cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r;
  if (!__get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d)) return {};
  return r;
}

bool Bit(uint32_t word, int bit) { return (word >> bit) & 1u; }

// Which register state the operating system saves (SDM vol. 1, 13.3): bits 1-2 xmm/ymm, 5-7 zmm, 17-18 tiles.
uint64_t ReadXcr0() {
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t{high} << 32) | low;
}

// Linux grants AMX tile data on request only; threads made afterwards inherit the grant.
bool RequestAmx() {
  constexpr int kArchReqXcompPerm = 0x1023;
  constexpr int kTileData = 18;
  return syscall(SYS_arch_prctl, kArchReqXcompPerm, kTileData) == 0;
}

IsaSet Detect() {
  IsaSet set{Isa::kScalar};
  const Registers leaf1 = Cpuid(1, 0);
  const bool osxsave = Bit(leaf1.c, 27);
  if (!osxsave) return set;
  const uint64_t xcr0 = ReadXcr0();
  const bool ymm = (xcr0 & 0x6) == 0x6;
  const bool zmm = (xcr0 & 0xe6) == 0xe6;
  const bool tiles = (xcr0 & 0x60000) == 0x60000;
  const Registers leaf7 = Cpuid(7, 0);
  const Registers leaf7_1 = leaf7.a >= 1 ? Cpuid(7, 1) : Registers{};
  const bool fma = Bit(leaf1.c, 12), f16c = Bit(leaf1.c, 29);
  if (!(ymm && fma && f16c && Bit(leaf7.b, 5))) return set;
  set.Add(Isa::kAvx2);
  if (Bit(leaf7_1.a, 4)) set.Add(Isa::kAvxVnni);
  const bool avx512 = zmm && Bit(leaf7.b, 16) && Bit(leaf7.b, 17) && Bit(leaf7.b, 30) && Bit(leaf7.b, 31);
  if (!avx512) return set;
  set.Add(Isa::kAvx512);
  if (!(Bit(leaf7.c, 1) && Bit(leaf7.c, 11))) return set;
  set.Add(Isa::kAvx512Vnni);
  if (tiles && Bit(leaf7.d, 24) && Bit(leaf7.d, 25) && RequestAmx()) set.Add(Isa::kAmxInt8);
  return set;
}

std::string CpuBrand() {
  char brand[49] = {};
  for (uint32_t i = 0; i < 3; ++i) {
    const Registers r = Cpuid(0x80000002u + i, 0);
    std::memcpy(brand + 16 * i, &r, 16);
  }
  return std::string(absl::StripAsciiWhitespace(brand));
}

constexpr char kOs[] = "linux-x86_64";

#elif defined(__aarch64__)

IsaSet Detect() {
  IsaSet set{Isa::kScalar, Isa::kNeon};
  if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) set.Add(Isa::kNeonDotprod);
  if (getauxval(AT_HWCAP2) & HWCAP2_I8MM) set.Add(Isa::kNeonI8mm);
  return set;
}

std::string CpuBrand() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "CPU part") || absl::StartsWith(line, "model name")) return line;
  }
  return "";
}

constexpr char kOs[] = "linux-aarch64";

#else

IsaSet Detect() { return IsaSet{Isa::kScalar}; }
std::string CpuBrand() { return ""; }
constexpr char kOs[] = "linux";

#endif

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<int>(online) : 1;
}

// The largest cache that cpu 0 sees, from sysfs ("32768K").
uint64_t LastLevelCacheBytes() {
  uint64_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    const std::string line =
        FirstLine(absl::StrCat("/sys/devices/system/cpu/cpu0/cache/index", index, "/size").c_str());
    std::string_view digits = line;
    const uint64_t unit = absl::ConsumeSuffix(&digits, "K") ? 1024 : absl::ConsumeSuffix(&digits, "M") ? 1048576 : 1;
    uint64_t value = 0;
    if (absl::SimpleAtoi(digits, &value)) largest = std::max(largest, value * unit);
  }
  return largest;
}

}  // namespace

std::string_view IsaName(Isa isa) { return kNames[static_cast<int>(isa)]; }

std::vector<std::string_view> IsaSet::Names() const {
  std::vector<std::string_view> names;
  for (int i = 0; i < kIsaCount; ++i) {
    if (Has(static_cast<Isa>(i))) names.push_back(kNames[i]);
  }
  return names;
}

IsaSet IsaClosure(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return {Isa::kScalar};
    case Isa::kAvx2:
      return {Isa::kScalar, Isa::kAvx2};
    case Isa::kAvxVnni:
      return {Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni};
    case Isa::kAvx512:
      return {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
    case Isa::kAvx512Vnni:
      return {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni};
    case Isa::kAmxInt8:
      return {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni, Isa::kAmxInt8};
    case Isa::kNeon:
      return {Isa::kScalar, Isa::kNeon};
    case Isa::kNeonDotprod:
      return {Isa::kScalar, Isa::kNeon, Isa::kNeonDotprod};
    case Isa::kNeonI8mm:
      return {Isa::kScalar, Isa::kNeon, Isa::kNeonDotprod, Isa::kNeonI8mm};
  }
  return {Isa::kScalar};
}

absl::StatusOr<Isa> ParseIsa(std::string_view name) {
  for (int i = 0; i < kIsaCount; ++i) {
    if (kNames[i] == name) return static_cast<Isa>(i);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown instruction set \"", name, "\"; known: ", absl::StrJoin(kNames, ", ")));
}

IsaSet DetectIsaSet() { return Detect(); }

HostInfo ReadHostInfo() {
  HostInfo info;
  info.cpu_brand = CpuBrand();
  info.os = kOs;
  info.governor = FirstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  info.clocksource = FirstLine("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  info.logical_cores = UsableCores();
  info.smt = FirstLine("/sys/devices/system/cpu/smt/active") == "1";
  info.llc_bytes = LastLevelCacheBytes();
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_size > 0) info.memory_bytes = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_size);
  return info;
}

#if defined(__x86_64__)
// The low six bits are sticky exception flags: history, not state.
uint32_t ReadFloatControl() { return _mm_getcsr() & ~0x3fu; }
void SetDefaultFloatControl() { _mm_setcsr(kDefaultFloatControl); }
#elif defined(__aarch64__)
uint32_t ReadFloatControl() {
  uint64_t fpcr = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
  constexpr uint64_t kFlushOrRounding = (1u << 24) | (3u << 22) | (1u << 19);
  return (fpcr & kFlushOrRounding) == 0 ? kDefaultFloatControl : static_cast<uint32_t>(fpcr);
}
void SetDefaultFloatControl() { __asm__ volatile("msr fpcr, %0" ::"r"(uint64_t{0})); }
#else
uint32_t ReadFloatControl() { return kDefaultFloatControl; }
void SetDefaultFloatControl() {}
#endif

}  // namespace bitnet
