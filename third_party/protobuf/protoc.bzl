"""@protoc: the protocol compiler.

The machine's own protoc when it is of the version of the pinned sources (`protobuf-compiler` of bookworm and trixie
is): it writes the same code, and a hundred compilations are saved. Otherwise protoc is built from those sources.
"""

load("//third_party/protobuf:version.bzl", "PROTOBUF_VERSION")

def _impl(ctx):
    installed = ctx.which("protoc")
    if installed:
        answer = ctx.execute([installed, "--version"])
        if answer.return_code != 0 or answer.stdout.strip() != "libprotoc " + PROTOBUF_VERSION:
            installed = None
    if installed:
        ctx.symlink(installed, "bin/protoc")
        rule = "sh_binary(name = \"protoc\", srcs = [\"bin/protoc\"])"
    else:
        rule = "alias(name = \"protoc\", actual = \"@com_google_protobuf//:protoc\")"
    ctx.file("BUILD.bazel", "package(default_visibility = [\"//visibility:public\"])\n\n" + rule + "\n", executable = False)

protoc = repository_rule(
    implementation = _impl,
    configure = True,
    environ = ["PATH"],
    local = True,
)
