"""Every third-party source, pinned."""

load("//third_party:inventory.bzl", "source_inventory")
load("//third_party/debian:source.bzl", "debian_source")
load("//third_party/protobuf:protoc.bzl", "protoc")
load("//third_party/protobuf:version.bzl", "PROTOBUF_VERSION")

# `use`: "linked" into the shipped programs, or needed by "tests" or the "build" alone; //xtask:third_party_test compares
# this with what is linked.
_SOURCES = [
    dict(
        name = "bazel_skylib",
        use = "build",
        package = "bazel-skylib",
        filename = "bazel-skylib_1.0.3.orig.tar.xz",
        sha256 = "b22f0f38d9a1ac565fce8a43df3d284f6b8e5e8775bda54b5cb687bed46b6ea4",
        strip_prefix = "bazel-skylib-1.0.3",
    ),
    dict(
        name = "com_google_absl",
        use = "linked",
        package = "abseil",
        suite = "trixie",
        filename = "abseil_20240722.0.orig.tar.gz",
        sha256 = "df6d1f5ef540725f3851201176a60486aab332410788465c9877910bb471c34a",
        strip_prefix = "abseil-20240722.0",
    ),
    dict(
        name = "com_google_googletest",
        use = "tests",
        package = "googletest",
        suite = "trixie",
        filename = "googletest_1.16.0.orig.tar.gz",
        sha256 = "2f54382b5d13d6cd0be2afc524f1e510d37f8ba78c2d439c5bea64ef37e30d01",
        strip_prefix = "googletest-1.16.0",
    ),
    dict(
        name = "com_github_google_benchmark",
        use = "tests",
        package = "benchmark",
        suite = "trixie",
        filename = "benchmark_1.9.1.orig.tar.gz",
        sha256 = "32131c08ee31eeff2c8968d7e874f3cb648034377dfc32a4c377fa8796d84981",
        strip_prefix = "benchmark-1.9.1",
        build_file = "//third_party/benchmark:benchmark.BUILD",
    ),
    dict(
        name = "com_googlesource_code_re2",
        use = "linked",
        package = "re2",
        suite = "trixie",
        filename = "re2_20240702.orig.tar.gz",
        sha256 = "eb2df807c781601c14a260a507a5bb4509be1ee626024cb45acbd57cb9d4032b",
        strip_prefix = "re2-2024-07-02",
        build_file = "//third_party/re2:re2.BUILD",
    ),
    dict(
        name = "com_google_protobuf",
        use = "linked",
        package = "protobuf",
        filename = "protobuf_%s.orig.tar.gz" % PROTOBUF_VERSION,
        sha256 = "930c2c3b5ecc6c9c12615cf5ad93f1cd6e12d0aba862b572e076259970ac3a53",
        strip_prefix = "protobuf-" + PROTOBUF_VERSION,
        build_file = "//third_party/protobuf:protobuf.BUILD",
    ),
    dict(
        name = "simdjson",
        use = "linked",
        package = "simdjson",
        suite = "bookworm",
        filename = "simdjson_3.0.1.orig.tar.gz",
        sha256 = "156b1bc5eb0561b2bd166b46d191fd3d95a3e709cc63761477d3b7aec2b6e9ed",
        strip_prefix = "simdjson-3.0.1",
        build_file = "//third_party/simdjson:simdjson.BUILD",
    ),
    dict(
        name = "cli11",
        use = "linked",
        package = "cli11",
        suite = "trixie",
        filename = "cli11_2.4.1+ds.orig.tar.xz",
        sha256 = "0b8fbf2398875f15f30a675c7f412123a2aaa38df2863e991de72004fd5f1292",
        strip_prefix = "CLI11-2.4.1",
        build_file = "//third_party/cli11:cli11.BUILD",
    ),
]

def third_party_deps():
    native.local_repository(name = "platforms", path = "third_party/bazel/platforms")
    native.local_repository(name = "rules_cc", path = "third_party/bazel/rules_cc")
    native.local_repository(name = "rules_java", path = "third_party/bazel/rules_java")
    native.local_repository(name = "rules_proto", path = "third_party/bazel/rules_proto")
    native.local_repository(name = "remote_coverage_tools", path = "third_party/bazel/coverage_tools")
    for source in _SOURCES:
        debian_source(**{key: value for key, value in source.items() if key != "use"})
    protoc(name = "protoc")

    # For the gate that checks pins and licences, and for the bill of materials.
    source_inventory(
        name = "third_party_inventory",
        sources = json.encode(_SOURCES),
    )
