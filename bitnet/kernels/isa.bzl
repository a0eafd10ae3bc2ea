"""The only place with -m flags: one library per instruction set of an op.

ISA sources hold intrinsics, POD argument structs and anonymous namespaces only: an inline library function
compiled here could be the copy that the linker keeps for every CPU.
"""

load("//bitnet/bazel:cc.bzl", "bitnet_cc_library")

_AVX512 = ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx2", "-mfma", "-mf16c"]

_X86 = {
    "avx2": ["-mavx2", "-mfma", "-mf16c"],
    "avxvnni": ["-mavx2", "-mfma", "-mf16c", "-mavxvnni"],
    "avx512": _AVX512,
    "avx512vnni": _AVX512 + ["-mavx512vnni", "-mavx512vbmi"],
}

def isa_kernels(name, hdrs, isas, deps = [], prefix = "x86", parts = {}):
    """Libraries <name>_<isa> from <prefix>_<isa>.cc, and `<name>` = all that this CPU architecture can have.

    An instruction set in `parts` has <prefix>_<isa>_<part>.cc for each of its parts, and <prefix>_<isa>.h between them.
    """
    for isa in isas:
        bitnet_cc_library(
            name = "%s_%s" % (name, isa),
            srcs = ["%s_%s_%s.cc" % (prefix, isa, part) for part in parts[isa]] +
                   ["%s_%s.h" % (prefix, isa)] if isa in parts else ["%s_%s.cc" % (prefix, isa)],
            hdrs = hdrs,
            # -O3 in every mode: a kernel without optimisation is only useful to nobody, and sanitizer runs
            # would take hours. gcc 12's intrinsics leave "undefined" operands uninitialised and warn about it.
            copts = _X86[isa] + ["-O3", "-ffp-contract=off", "-fno-fast-math", "-Wno-uninitialized"],
            target_compatible_with = ["@platforms//cpu:x86_64"],
            visibility = ["//visibility:private"],
            deps = deps,
        )
    bitnet_cc_library(
        name = name,
        hdrs = hdrs,
        visibility = ["//visibility:private"],
        deps = deps + select({
            "@platforms//cpu:x86_64": [":%s_%s" % (name, isa) for isa in isas],
            "//conditions:default": [],
        }),
    )
