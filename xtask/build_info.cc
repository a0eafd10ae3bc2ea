#include "xtask/build_info.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "xtask/source_stamp.h"

namespace bitnet::xtask {
namespace {

#if defined(__clang__)
constexpr char kCompiler[] = "clang " __VERSION__;
#else
constexpr char kCompiler[] = "gcc " __VERSION__;
#endif

// gcc defines macros, clang answers questions; undefined-behaviour checks alone show in neither.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

// What the compiler flags amount to where it matters for the arithmetic.
std::string FlagsSummary() {
  std::string flags;
#if defined(__OPTIMIZE__)
  absl::StrAppend(&flags, "optimize=1");
#else
  absl::StrAppend(&flags, "optimize=0");
#endif
#if defined(__FAST_MATH__)
  absl::StrAppend(&flags, " fast_math=1");
#else
  absl::StrAppend(&flags, " fast_math=0");
#endif
#if defined(NDEBUG)
  absl::StrAppend(&flags, " ndebug=1");
#else
  absl::StrAppend(&flags, " ndebug=0");
#endif
  absl::StrAppend(&flags, kSanitized ? " sanitizer=1" : " sanitizer=0");
  // With contraction, x * x - rounded(x * x) would leave the rounding error instead of zero.
  volatile float x = 1.0f + 0x1p-12f;
  const float square = x * x;
  const float rest = x * x - square;
  absl::StrAppend(&flags, rest == 0.0f ? " contract=off" : " contract=on");
  return flags;
}

// The GNU build-id note of the main program, as hexadecimal; "" when it was linked without one.
int FindBuildId(dl_phdr_info* info, size_t, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    const char* note = reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr);
    const char* end = note + header.p_memsz;
    while (note + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) head;
      std::memcpy(&head, note, sizeof(head));
      const char* name = note + sizeof(head);
      const char* description = name + ((head.n_namesz + 3) & ~3u);
      if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
        *static_cast<std::string*>(out) = absl::BytesToHexString(std::string_view(description, head.n_descsz));
        return 1;
      }
      note = description + ((head.n_descsz + 3) & ~3u);
    }
  }
  return 1;  // the first object is the program itself; libraries do not count
}

}  // namespace

absl::StatusOr<BuildFacts> ReadBuildFacts() {
  BITNET_ASSIGN_OR_RETURN(const MappedFile exe, MappedFile::Open("/proc/self/exe"));
  BuildFacts facts;
  facts.version = kVersion;
  facts.exe_sha256 = ToHex(Sha256Of(exe.bytes()));
  dl_iterate_phdr(FindBuildId, &facts.build_id);
  facts.git_commit = kGitCommit;
  facts.dirty = std::string_view(kGitState) != "clean";
  facts.compiler = kCompiler;
  facts.flags = FlagsSummary();
  return facts;
}

}  // namespace bitnet::xtask
