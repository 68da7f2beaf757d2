"""Ask a stranger's server for one picture: bounded in size, time, type and redirects.

Neither cookies, passwords nor proxies are used; ``addresses`` says which machines may be asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property

from retrieval.gallery.shop.addresses import Unfetched, WebAddress
from retrieval.values.errors import first_line, one_line

REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
UNTOLD_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})
HEADERS = {
    "User-Agent": "air-sketch-gallery (pictures of a shop's own export)",
    "Accept": "image/*",
    "Connection": "close",
}
PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class Limits:
    """What a stranger's server may cost.

    Attributes:
        picture_bytes: of one picture.
        silence_s: without a byte.
        picture_s: for one picture, from the first connection to the last byte.
        redirects: from one address to the next.
        tries: of an address whose server is busy or silent.
        pause_s: before the next try.
        silent_host: so many requests in a row that a host does not answer, and it is asked no more.
    """

    picture_bytes: int = 30 << 20
    silence_s: float = 15.0
    picture_s: float = 60.0
    redirects: int = 5
    tries: int = 2
    pause_s: float = 1.0
    silent_host: int = 8


class Asker:
    """Asks for pictures, from several threads at once; somebody must call ``end_late`` every moment.

    Args:
        limits: see there.
        allow_local: whether this machine and its network may be asked, too.
    """

    def __init__(self, limits: Limits, allow_local: bool) -> None:
        self._limits = limits
        self._allow_local = allow_local
        self._stopped = threading.Event()
        self._open: dict[socket.socket, float] = {}
        self._silent: Counter[str] = Counter()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more should be asked for."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End every connection, and pauses between them."""
        self._stopped.set()
        self._end(float("inf"))

    def end_late(self) -> None:
        """End connections whose time is up, whatever they wait for: a byte a second is no silence."""
        self._end(time.monotonic())

    def _end(self, before_s: float) -> None:
        for connection, until_s in list(self._open.items()):
            if until_s <= before_s:
                with suppress(OSError):  # it has ended meanwhile
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)  # also below TLS, which would wait

    def get(self, where: WebAddress) -> bytes:
        """Get what lies at an address; whether it is a picture, only its server's word says.

        Raises:
            Unfetched: if that is not possible.
        """
        for attempt in range(1, self._limits.tries + 1):
            try:
                return self._followed(where)
            except Unfetched as error:
                if not error.again or attempt == self._limits.tries or self._stopped.wait(self._limits.pause_s):
                    raise
        raise AssertionError

    def _followed(self, where: WebAddress) -> bytes:
        until_s = time.monotonic() + self._limits.picture_s
        for _ in range(self._limits.redirects + 1):
            host = f"{where.host}:{where.port}"
            if self._silent[host] >= self._limits.silent_host:
                raise Unfetched(f"{host} did not answer {self._limits.silent_host} times and is asked no more")
            try:
                with self._asked(where, until_s) as response:
                    is_there = response.status not in REDIRECTS
                    location = response.headers.get("Location", "")
                    body = self._body(response) if is_there else b""
                    if time.monotonic() >= until_s or self.is_stopped:
                        raise TimeoutError
            except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a header that cannot be
                self._silent[host] += isinstance(error, OSError)
                if time.monotonic() >= until_s:
                    raise Unfetched(f"it took longer than {self._limits.picture_s:g} s") from None
                raise _fault_of(error) from None
            if is_there:
                self._silent[host] = 0
                return body
            where = where.led_to(location)
        raise Unfetched(f"expected at most {self._limits.redirects} redirects, got more")

    @contextmanager
    def _asked(self, where: WebAddress, until_s: float) -> Iterator[http.client.HTTPResponse]:
        plain = connection = where.connect(self._allow_local, self._limits.silence_s)
        asking: http.client.HTTPConnection
        try:
            self._open[plain] = until_s
            if where.scheme == "https":
                connection = self._tls.wrap_socket(plain, server_hostname=where.host, do_handshake_on_connect=False)
                self._open[connection] = until_s
                connection.do_handshake()
                asking = http.client.HTTPSConnection(where.host, where.port, context=self._tls)
            else:
                asking = http.client.HTTPConnection(where.host, where.port)
            asking.sock = connection  # it is connected already, to the number that was looked at
            asking.request("GET", where.target, headers=HEADERS)
            with asking.getresponse() as response:
                yield response
        finally:
            for one in {plain, connection}:
                self._open.pop(one, None)
                one.close()

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        if response.status != http.client.OK:
            meaning = http.client.responses.get(response.status, "no such status")
            raise Unfetched(f"its server answers {response.status} {meaning}", response.status in BUSY)
        kind = response.headers.get_content_type() if "Content-Type" in response.headers else ""
        packed = response.headers.get("Content-Encoding", "identity").strip().lower()
        if not kind.startswith("image/") and kind not in UNTOLD_TYPES:
            raise Unfetched(f"expected a picture, got {kind!a:.60}")
        if packed != "identity":
            raise Unfetched(f"expected a picture as it is, got it packed by {packed!a:.20}")
        most = self._limits.picture_bytes
        data = bytearray()
        while (response.length or 0) <= most - len(data):
            piece = response.read(PIECE_BYTES)
            data += piece
            if not piece:
                if response.length:
                    raise http.client.IncompleteRead(bytes(data), response.length)
                return bytes(data)
        raise Unfetched(f"expected at most {most:,} bytes, got more")


def _fault_of(error: Exception) -> Unfetched:
    """Say in a few words what went wrong on the way, and whether it may go better the next moment."""
    reason, again = f"its server cannot be understood: {type(error).__name__}", False
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is not valid: {one_line(error.verify_message)}"
    elif isinstance(error, ssl.SSLError):
        reason = f"no safe connection: {(error.reason or 'cut off').replace('_', ' ').lower()}"
    elif isinstance(error, socket.gaierror):
        reason = "its host is not known"
    elif isinstance(error, ConnectionRefusedError):
        reason = "nobody answers there"
    elif isinstance(error, TimeoutError):
        reason, again = "no answer in time", True
    elif isinstance(error, http.client.IncompleteRead | ConnectionError):
        reason, again = "the connection was cut", True
    elif isinstance(error, OSError):
        reason = error.strerror or first_line(error)
    return Unfetched(reason, again)
