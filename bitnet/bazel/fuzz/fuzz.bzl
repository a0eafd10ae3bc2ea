"""cc_fuzz_test: one source, two lives.

Normally a cc_test that replays the corpus through LLVMFuzzerTestOneInput (any compiler).
Under --config=fuzz the same target is a libFuzzer binary:

    ./bazelw run --config=fuzz //bitnet/gguf:gguf_fuzz_test -- -max_total_time=60 $PWD/testdata/fuzz/gguf
"""

load("@rules_cc//cc:defs.bzl", "cc_test")

def cc_fuzz_test(name, srcs, corpus = [], deps = [], **kwargs):
    cc_test(
        name = name,
        srcs = srcs + select({
            "//bitnet/bazel/fuzz:fuzzing": [],
            "//conditions:default": ["//bitnet/bazel/fuzz:replay_main.cc"],
        }),
        args = select({
            "//bitnet/bazel/fuzz:fuzzing": [],
            "//conditions:default": ["$(rootpaths %s_corpus)" % name],
        }),
        data = [name + "_corpus"],
        linkopts = select({
            "//bitnet/bazel/fuzz:fuzzing": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        linkstatic = True,
        deps = deps,
        size = "small",
        **kwargs
    )
    native.filegroup(name = name + "_corpus", srcs = corpus)
