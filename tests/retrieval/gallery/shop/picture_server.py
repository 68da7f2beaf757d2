"""A shop's server on this machine, with every fault that a server can have."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

PICTURE_TYPES = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def picture_bytes(number: int, kind: str = "JPEG") -> bytes:
    """A picture unlike those of other numbers."""
    pixels = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).resize((80, 60), Image.Resampling.NEAREST).save(stream, kind)
    return stream.getvalue()


class PictureServer(ThreadingHTTPServer):
    """Serves ``/<number>.<type>``, and by other names what no shop should.

    Attributes:
        asked: how often each path was asked for.
        agents: what asked.
        stopping: set when the server ends, for answers that never end.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.stopping = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what is tested."""


class _Answer(BaseHTTPRequestHandler):
    server: PictureServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked[self.path] += 1
        self.server.headers.append(dict(self.headers))
        name = self.path.partition("?")[0].strip("/")
        if name.startswith("to/"):
            return self._head(302, Location=self.path.removeprefix("/to/"))
        answer = getattr(self, f"_{name.replace('-', '_')}", None)
        if answer is not None:
            return answer()
        stem, _, suffix = name.rpartition("/")[2].rpartition(".")
        if not stem.isdecimal():
            return self._head(404)
        data = picture_bytes(int(stem), PICTURE_TYPES[suffix])
        self._head(200, {"Content-Type": f"image/{suffix}", "Content-Length": str(len(data))})
        self.wfile.write(data)

    def _head(self, status: int, headers: dict[str, str] | None = None, **more: str) -> None:
        self.send_response(status)
        for key, value in {**(headers or {}), **more}.items():
            self.send_header(key, value)
        self.end_headers()

    def _loop(self) -> None:
        self._head(302, Location="/loop")

    def _page(self) -> None:
        self._head(200, {"Content-Type": "text/html; charset=utf-8"})
        self.wfile.write(b"<html>sold out</html>")

    def _no_picture(self) -> None:
        self._head(200, {"Content-Type": "image/jpeg"})
        self.wfile.write(b"<html>sold out</html>")

    def _untyped(self) -> None:
        self._head(200)
        self.wfile.write(picture_bytes(1, "PNG"))

    def _zipped(self) -> None:
        self._head(200, {"Content-Type": "image/jpeg", "Content-Encoding": "gzip"})

    def _said_large(self) -> None:
        self._head(200, {"Content-Type": "image/jpeg", "Content-Length": str(1 << 40)})

    def _endless(self) -> None:
        self._head(200, {"Content-Type": "image/jpeg"})
        while not self.server.stopping.is_set():
            self.wfile.write(b"\xff\xd8\xff" * 10_000)

    def _cut(self) -> None:
        data = picture_bytes(1)
        self._head(200, {"Content-Type": "image/jpeg", "Content-Length": str(len(data))})
        self.wfile.write(data[:-9])

    def _drip(self) -> None:
        self._head(200, {"Content-Type": "image/jpeg"})
        self._drop()

    def _drip_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self._drop()

    def _drop(self) -> None:
        while not self.server.stopping.wait(0.05):
            self.wfile.write(b"x")

    def _silent(self) -> None:
        self.server.stopping.wait(60)

    def _hang_up(self) -> None:
        """Not a word."""

    def _nonsense(self) -> None:
        self.wfile.write(b"\x00\x01 what\r\n\r\n")

    def _many_headers(self) -> None:
        self._head(200, {f"X-{number}": "x" for number in range(200)})

    def _busy_once(self) -> None:
        if self.server.asked[self.path] == 1:
            return self._head(503)
        self._head(200, {"Content-Type": "image/jpeg"})
        self.wfile.write(picture_bytes(3))

    def _cut_once(self) -> None:
        if self.server.asked[self.path] == 1:
            return self._cut()
        self._head(200, {"Content-Type": "image/jpeg"})
        self.wfile.write(picture_bytes(4))

    def _broken(self) -> None:
        self._head(500)


@contextmanager
def serving() -> Iterator[PictureServer]:
    """A server for a while."""
    with PictureServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
