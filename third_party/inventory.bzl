"""source_inventory: one file that says what is taken from outside: each source's pin and its own licence files."""

_LICENCE_NAMES = ["LICENSE", "LICENCE", "COPYING", "NOTICE"]

def _is_licence(name):
    for prefix in _LICENCE_NAMES:
        if name.upper().startswith(prefix):
            return True
    return False

def _impl(ctx):
    inventory = []
    for source in json.decode(ctx.attr.sources):
        root = ctx.path(Label("@%s//:WORKSPACE" % source["name"])).dirname
        files = sorted([path.basename for path in root.readdir() if _is_licence(path.basename)])
        inventory.append({
            "name": source["name"],
            "use": source["use"],
            "package": source["package"],
            "filename": source["filename"],
            "sha256": source["sha256"],
            "licences": [{"file": file, "text": ctx.read(root.get_child(file))} for file in files],
        })
    ctx.file("inventory.json", json.encode(inventory) + "\n", executable = False, legacy_utf8 = False)
    ctx.file("BUILD.bazel", "exports_files([\"inventory.json\"])\n", executable = False)

source_inventory = repository_rule(
    implementation = _impl,
    attrs = {"sources": attr.string(mandatory = True, doc = "JSON: the arguments of every debian_source")},
)
