"""The rules for our own C++: warnings are errors, no exceptions, no RTTI.

Third-party headers are held to their own standards, hence the two -Wno flags that only they need.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-sign-compare",
    "-Wno-unused-parameter",
    "-Wno-missing-field-initializers",
]

_NO_EXCEPTIONS = ["-fno-exceptions", "-fno-rtti"]

def bitnet_cc_library(name, copts = [], **kwargs):
    cc_library(name = name, copts = _WARNINGS + _NO_EXCEPTIONS + copts, **kwargs)

def bitnet_cc_test(name, copts = [], size = "small", deps = [], **kwargs):
    cc_test(
        name = name,
        size = size,
        copts = _WARNINGS + _NO_EXCEPTIONS + copts,
        linkstatic = True,
        deps = deps + [
            "@com_google_googletest//:gtest",
            "@com_google_googletest//:gtest_main",
        ],
        **kwargs
    )

def bitnet_cc_benchmark(name, copts = [], deps = [], **kwargs):
    """A Google Benchmark binary; never a timed test."""
    cc_binary(
        name = name,
        testonly = True,
        copts = _WARNINGS + _NO_EXCEPTIONS + copts,
        deps = deps + ["@com_github_google_benchmark//:benchmark_main"],
        **kwargs
    )

def bitnet_cc_binary(name, copts = [], **kwargs):
    """A shipped binary. Its main.cc may use exceptions: the flag parser throws."""
    cc_binary(name = name, copts = _WARNINGS + copts, **kwargs)

def bitnet_cli_library(name, copts = [], **kwargs):
    """A library that talks to the flag parser, which throws; everything else uses bitnet_cc_library."""
    cc_library(name = name, copts = _WARNINGS + copts, **kwargs)
