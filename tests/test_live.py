"""The runtime of live cells: only the right files, nothing half-made; and what runs a cell, outside a browser."""

import asyncio
import hashlib
import io
import json
import zipfile
from types import SimpleNamespace

import altair as alt
import pandas as pd
import pytest
from casebook import inpage, live, runtime


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def part(content: bytes, *sources: str) -> runtime.Part:
    return runtime.Part("a.whl", sha(content), "numbers", sources)


@pytest.fixture
def shelf(monkeypatch):
    """Sources of kind `have`, that answer with what stands here; each question is counted."""
    shelf = {"asked": []}

    def answer(place, folder):
        shelf["asked"].append(place)
        if place not in shelf:
            raise OSError("no such host")
        yield shelf[place]

    monkeypatch.setitem(runtime.FETCH, "have", answer)
    return shelf


def test_sources_are_tried_in_turn_and_the_hash_decides(shelf, tmp_path):
    shelf |= {"wrong": b"another file", "right": b"the file"}
    wanted = part(b"the file", "have:gone", "have:wrong", "have:right")
    path = runtime.fetch((wanted,), tmp_path, lambda text: None)[wanted]
    assert path.read_bytes() == b"the file"
    assert shelf["asked"] == ["gone", "wrong", "right"]
    runtime.fetch((wanted,), tmp_path, lambda text: None)
    assert len(shelf["asked"]) == 3  # from the cache


def test_a_damaged_file_in_the_cache_is_fetched_again(shelf, tmp_path):
    shelf["right"] = b"the file"
    wanted = part(b"the file", "have:right")
    runtime.fetch((wanted,), tmp_path, lambda text: None)[wanted].write_bytes(b"the fi")
    assert runtime.fetch((wanted,), tmp_path, lambda text: None)[wanted].read_bytes() == b"the file"


def test_what_cannot_be_had_is_named_with_what_was_tried_and_leaves_nothing(shelf, tmp_path):
    shelf["wrong"] = b"another file"
    with pytest.raises(
        runtime.MissingError, match=r"a\.whl .* in none .*have:gone: OSError.*have:wrong: has another sha256"
    ):
        runtime.fetch((part(b"the file", "have:gone", "have:wrong"),), tmp_path, lambda text: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_host_that_does_not_answer_is_asked_once(tmp_path, monkeypatch):
    asked = []

    def silent(place, folder):
        asked.append(place)
        raise OSError("no route")
        yield

    monkeypatch.setitem(runtime.FETCH, "url", silent)
    dead = {}
    for name in ("a", "b"):
        with pytest.raises(runtime.MissingError):
            runtime._first(part(name.encode(), f"url:https://x.invalid/{name}"), tmp_path, dead)
    assert asked == ["https://x.invalid/a"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"file": "a", "sha256": "12", "sources": ["npm:a"]}, "a needs a sha256 of 64"),
        ({"file": "a", "sha256": "0" * 64, "sources": ["ftp:a"]}, "allowed: .*npm.*pip.*url"),
        ({"file": "a", "sha256": "0" * 64, "sources": []}, "allowed"),
    ],
)
def test_the_lock_refuses_an_entry_that_cannot_be_checked(tmp_path, entry, said):
    path = tmp_path / "runtime.json"
    path.write_text(json.dumps({"files": [{"group": "g", **entry}]}))
    with pytest.raises(ValueError, match=said):
        runtime.lock(path)


def test_every_file_of_the_runtime_has_a_source_and_the_compiled_ones_two():
    _, parts = runtime.lock()
    assert len({p.file for p in parts}) == len(parts)
    assert all(len(p.sources) >= 2 for p in parts if p.group == "pyodide" or p.file.endswith("wasm32.whl"))


def wheel(path, **files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_wheel_is_trimmed_and_its_licence_kept(tmp_path):
    about = "Metadata-Version: 2.4\nName: thing\nVersion: 1\nLicense-Expression: MIT\n\nText"
    files = {"thing/__init__.py": "", "thing/tests/test_a.py": "", "thing/a.pyi": "", "thing/_speedups.so": ""}
    files |= {"thing-1.dist-info/METADATA": about, "thing-1.dist-info/licenses/LICENSE": "MIT"}
    row = runtime._unpack(wheel(tmp_path / "thing.whl", **files, **{"thing-1.dist-info/RECORD": ""}), tmp_path / "out")
    assert row == {"name": "thing", "version": "1", "licence": "MIT"}
    left = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert left == {"thing/__init__.py", "thing-1.dist-info/METADATA", "thing-1.dist-info/licenses/LICENSE"}


def test_a_wheel_that_does_not_say_its_licence_is_not_shipped(tmp_path):
    path = wheel(tmp_path / "thing.whl", **{"thing-1.dist-info/METADATA": "Name: thing\nVersion: 1\n\n"})
    with pytest.raises(ValueError, match="thing does not say its licence"):
        runtime._unpack(path, tmp_path / "out")


def test_archives_are_the_same_bytes_for_the_same_files_and_named_by_them(tmp_path):
    (tmp_path / "tree/a").mkdir(parents=True)
    (tmp_path / "tree/a/b.py").write_text("x = 1")
    for target in ("one", "two"):
        runtime._pack("numbers", tmp_path / "tree", {}, tmp_path / target, [])
    names = [sorted(path.name for path in (tmp_path / target).iterdir()) for target in ("one", "two")]
    assert names[0] == names[1]
    archive = next((tmp_path / "one").glob("*.bin"))
    assert sha(archive.read_bytes()).startswith(archive.stem.rpartition("-")[2])
    assert live.packages(archive) == ["a"]


# --- what runs a cell


@pytest.fixture
def run(monkeypatch):
    sent = []
    session = inpage.Session(lambda output: sent.append(json.loads(json.dumps(output))))
    session.names = {"__builtins__": __builtins__}

    def run(code: str):
        sent.clear()
        ok = asyncio.run(session.run(code, 1))
        return ok, list(sent)

    yield run
    del __builtins__["display"]


def test_the_last_line_is_shown_unless_a_semicolon_hides_it(run):
    assert run("x = 2\nx * 3") == (True, [{"kind": "text", "text": "6"}])
    assert run("x * 3;") == (True, [])
    assert run("display(x, 'a')\nNone")[1] == [{"kind": "text", "text": "2"}, {"kind": "text", "text": "'a'"}]
    assert run("") == (True, [])


def test_prints_tables_and_what_a_cell_awaits(run):
    ok, (*printed, table) = run("import pandas as pd\nprint('a', 1)\npd.DataFrame({'a': [1]})")
    assert ok
    assert "".join(output["text"] for output in printed) == "a 1\n"  # in one piece or more
    assert {(output["kind"], output["name"]) for output in printed} == {("stream", "stdout")}
    assert table["kind"] == "html"
    assert "<table" in table["html"]
    assert run("import asyncio\nawait asyncio.sleep(0, 'waited')")[1][0]["text"] == "'waited'"


def test_a_chart_comes_as_the_figure_that_the_book_makes():
    chart = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q")
    output = inpage.shown(chart.properties(title="It <rises>", description="Two points."))
    assert output["kind"] == "chart"
    assert "<figcaption>It &lt;rises&gt;<a " in output["html"]
    assert 'aria-label="Two points."' in output["html"]
    assert "without a description" in inpage.shown(chart)["html"]


def test_printing_has_a_limit_and_says_what_was_left_out():
    sent = []
    out = inpage.Printed("stdout", sent.append)
    for _ in range(50):
        out.write("x" * 1_000_000)
    out.finish()
    assert sum(len(output["text"]) for output in sent if output["kind"] == "stream") == inpage.PRINT_MOST
    assert sent[-1] == {"kind": "note", "text": "49,800,000 more characters were printed and are left out."}
    with pytest.raises(TypeError, match="not int"):
        out.write(1)


@pytest.mark.parametrize(
    ("code", "name", "line", "words"),
    [
        ("x = 1\nif x\n  y", "SyntaxError", 2, "expected ':'"),
        ("def f():\n    return 1 / 0\n\nf()", "ZeroDivisionError", 2, "division by zero"),
        ("import sys\nsys.exit(2)", "SystemExit", 2, "2"),
        ("{}['a sentence']", "KeyError", 1, "a sentence"),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", "E", 3, "cannot describe itself"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", 1, ""),
    ],
)
def test_an_error_names_itself_and_the_line_of_the_cell(run, code, name, line, words):
    ok, (error,) = run(code)
    assert not ok
    assert (error["kind"], error["name"], error["line"]) == ("error", name, line)
    assert words in error["text"]
    assert error["source"] == code.splitlines()[line - 1].strip()
    assert "inpage" not in error["trace"]


def test_packages_are_asked_for_when_a_cell_first_imports_them():
    asked = []
    finder = inpage.OnDemand({"thing": "archive", "thing_too": "archive"}, asked.append)
    assert finder.find_spec("other", None) is None
    assert finder.find_spec("thing", None) is None  # the archive had no such module after all
    assert finder.find_spec("thing_too", None) is None
    assert asked == ["archive"]


def test_the_book_s_own_part_has_the_package_its_data_and_the_runner(tmp_path):
    path = wheel(tmp_path / "s.whl", **{"sibmodels/a.py": "", "sibmodels/data/a.csv": "", "s.dist-info/RECORD": ""})
    own = live.own_modules(path)
    assert {
        "sibmodels/a.py",
        "sibmodels/data/a.csv",
        "casebook/inpage.py",
        "casebook/figure.py",
        "casebook/fitting.py",
    } <= set(own)
    assert io.BytesIO(own["casebook/__init__.py"]).read() == b""


def test_without_a_runtime_the_book_is_built_without_the_control_and_says_so(tmp_path, monkeypatch):
    (tmp_path / "downloads/downloads").mkdir(parents=True)
    wheel(tmp_path / "downloads/downloads/s.whl", **{"sibmodels/a.py": ""})
    app = SimpleNamespace(
        builder=SimpleNamespace(format="html"),
        doctreedir=tmp_path / "doctrees",
        config=SimpleNamespace(html_context={"wheel": "s.whl"}, html_extra_path=[]),
    )

    def none(own, cache, say):
        raise runtime.MissingError("numpy.whl is in none of its sources")

    said = []
    monkeypatch.setattr(runtime, "assemble", none)
    monkeypatch.setattr(live.log, "info", lambda text, error: said.append(text % error))
    live._build(app)
    assert "LIVE CELLS ARE LEFT OUT" in said[0]
    assert "numpy.whl" in said[0]
    context = {"body": '<div class="cell docutils"><pre>1</pre></div>'}
    live._page(app, "book/a", "page.html", context, None)
    assert "Run this page" not in context["body"]
    assert app.config.html_extra_path == []
