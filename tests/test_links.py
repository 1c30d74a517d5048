"""Links to other hosts: found on every page, and told apart by what the host answers."""

import runpy
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

LINKS = runpy.run_path(str(Path(__file__).parents[1] / "book/links.py"))


@pytest.fixture(scope="module")
def host():
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(int(self.path.partition("?")[0].strip("/").partition("/")[0]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "said"),
    [("200/a", ""), ("200/%E7%A5%9E戸?a=b c", ""), ("404", "gone: 404"), ("410", "gone: 410"), ("403", "unsure: 403")],
)
def test_what_a_host_answers(host, path, said):
    text = LINKS["answer"](f"{host}/{path}")
    assert text.startswith(said)
    assert bool(text) == bool(said)


def test_a_host_that_does_not_answer_is_unsure_and_one_that_is_not_there_is_gone():
    assert LINKS["answer"]("http://127.0.0.1:9/").startswith("unsure")
    assert LINKS["answer"]("http://no-such-host.invalid/") == "gone: no such host"


ASTRAY = b"HTTP/1.1 302 Found\r\nLocation: http://a..b/\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("words", [b"", b"no HTTP\r\n", ASTRAY], ids=["nothing", "nonsense", "astray"])
def test_a_host_that_says_nothing_or_nonsense_is_unsure(words):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reply():
            with server.accept()[0] as caller:
                caller.recv(10_000)
                caller.sendall(words)
                caller.recv(10_000)  # until the caller gives up

        Thread(target=reply, daemon=True).start()
        assert LINKS["answer"](f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=0.2).startswith("unsure: ")


def test_links_of_a_site(host, tmp_path):
    (tmp_path / "a.html").write_text(f'<a href="{host}/200#x">1</a><a href="b.html">2</a>', encoding="utf-8")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/b.html").write_text(f'<a href="{host}/200">1</a><a href="{host}/404">2</a>', encoding="utf-8")
    found = LINKS["outward"](tmp_path)
    assert found == {f"{host}/200": "a.html", f"{host}/404": "b/b.html"}
    assert [text[:4] for text in LINKS["answers"](found).values()] == ["", "gone"]
