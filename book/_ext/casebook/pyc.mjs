// Byte-compile the Python files below WORK/GROUP with the Pyodide that will run them.
// node pyc.mjs PYODIDE WORK GROUP...
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [home, work, ...groups] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: home + "/" });
python.FS.mkdirTree("/work");
python.FS.mount(python.FS.filesystems.NODEFS, { root: work }, "/work");
python.globals.set("groups", python.toPy(groups));
python.runPython(`
import os, py_compile, sys

KEEP = py_compile.PycInvalidationMode.UNCHECKED_HASH  # the archive has no dates to compare
for group in groups:
    home = "/lib/python%d%d.zip" % sys.version_info[:2] if group == "pyodide" else "/lib/python%d.%d/site-packages" % sys.version_info[:2]
    for folder, _, names in os.walk(f"/work/{group}"):
        for name in names:
            if not name.endswith(".py"):
                continue
            path = f"{folder}/{name}"
            seen = home + path.removeprefix(f"/work/{group}")
            if group == "casebook":  # with its source, to be read in a traceback
                target = f"{folder}/__pycache__/{name[:-3]}.{sys.implementation.cache_tag}.pyc"
                py_compile.compile(path, target, seen, doraise=True, invalidation_mode=KEEP)
            else:  # without the documentation of others' code, which no page shows; Altair reads its own to start
                bare = 0 if group == "altair" else 2
                py_compile.compile(path, path + "c", seen, doraise=True, optimize=bare, invalidation_mode=KEEP)
                os.remove(path)
`);
