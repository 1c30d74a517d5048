// The package's tests in the Python of the page: node pyodide.mjs PYODIDE PACKAGES TESTS FILE...
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [home, packages, tests, ...files] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: home + "/" });
for (const [place, root] of [["/packages", packages], ["/tests", tests]]) {
  python.FS.mkdirTree(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
}
python.globals.set("files", python.toPy(files));
process.exitCode = python.runPython(`
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/packages")
os.chdir("/tests")
import pytest
how = ["-m", "not long", "--durations", "10", "-p", "no:cacheprovider", "--doctest-modules", "--pyargs", "sibmodels"]
int(pytest.main([*how, *files]))
`);
