"""@shared_data: outside test material that may lie beside the checkout, or be absent.

The folder is $BITNET_SHARED_DATA, or `../shared/data` beside the workspace. When it is there, the
repository exposes its files; when it is not, every filegroup is empty and the tests that read it
skip by name. So `bazel test //...` never depends on it.
"""

_FOLDERS = ["models", "tokenizer", "receipts", "json"]

def _impl(ctx):
    root = ctx.os.environ.get("BITNET_SHARED_DATA")
    if not root:
        workspace = ctx.path(Label("//:WORKSPACE")).dirname
        root = str(workspace.dirname) + "/shared/data"
    present = ctx.path(root).exists
    lines = ["package(default_visibility = [\"//visibility:public\"])"]
    for folder in _FOLDERS:
        if present and ctx.path(root + "/" + folder).exists:
            ctx.symlink(root + "/" + folder, folder)
        lines.append("filegroup(name = \"%s\", srcs = glob([\"%s/**\"], allow_empty = True))" % (folder, folder))
    ctx.file("BUILD.bazel", "\n".join(lines) + "\n", executable = False)

shared_data = repository_rule(
    implementation = _impl,
    configure = True,
    environ = ["BITNET_SHARED_DATA"],
    local = True,
)
