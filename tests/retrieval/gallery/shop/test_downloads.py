from __future__ import annotations

import os
import random
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.gallery.pictures import read_picture
from retrieval.gallery.shop import downloads
from retrieval.gallery.shop.addresses import LOCAL, Unfetched, WebAddress, fault_of
from retrieval.gallery.shop.asking import Limits
from retrieval.gallery.shop.downloads import PictureCache
from retrieval.values.errors import RetrievalError
from tests.retrieval.gallery.shop.picture_server import PictureServer, picture_bytes, serving
from tests.retrieval.making import silent

QUICK = Limits(picture_bytes=200_000, silence_s=0.4, picture_s=1.0, pause_s=0.01)


@pytest.fixture(scope="module")
def server() -> Iterator[PictureServer]:
    with serving() as server:
        yield server


def fetch_one(folder: Path, address: str, limits: Limits = QUICK) -> str:
    """Why it could not be fetched, "" when it was."""
    cache = PictureCache(folder, True, limits)
    failed = cache.fetch([address], silent)
    assert bool(cache.file_of(address)) != bool(failed)
    assert not any(path.name.startswith(".") for path in folder.glob("*"))
    return failed.get(address, "")


def test_pictures_are_fetched_and_named_by_what_they_are(server: PictureServer, tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "pictures", True, QUICK)
    paths = ("1.jpg", "2.png", "3.webp", "untyped", "to//4.jpg", "1.jpg#front", "5.jpg?v=1&w=2")
    addresses = [f"{server.address}/{path}" for path in paths]
    shown: list[tuple[str, float | None]] = []
    assert cache.fetch(addresses, lambda *seen: shown.append(seen)) == {}
    files = [cache.file_of(address) for address in addresses]
    assert [Path(file).suffix for file in files] == [".jpg", ".png", ".webp", ".png", ".jpg", ".jpg", ".jpg"]
    assert files[0] == files[5]
    assert (cache.folder / files[0]).read_bytes() == picture_bytes(1)
    assert read_picture(cache.folder / files[2]).shape == (60, 80, 3)
    assert [share for _, share in shown] == sorted(share for _, share in shown if share is not None)
    assert shown[-1] == ("Fetching pictures", 1.0)
    assert "User-Agent" in server.headers[0]
    assert not {"Cookie", "Authorization", "Referer"} & set(server.headers[0])


@pytest.mark.parametrize(
    ("path", "reason"),
    {
        "gone.jpg": "its server answers 404 Not Found",
        "broken": "its server answers 500",
        "page": "expected a picture, got 'text/html'",
        "no-picture": "not a picture",
        "zipped": "packed by 'gzip'",
        "said-large": "expected at most 200,000 bytes",
        "endless": "expected at most 200,000 bytes",
        "drip": "it took longer than 1 s",
        "drip-head": "it took longer than 1 s",
        "silent": "no answer in time",
        "cut": "the connection was cut",
        "hang-up": "the connection was cut",
        "nonsense": "cannot be understood",
        "many-headers": "cannot be understood",
        "loop": "expected at most 5 redirects",
        "to/file:///etc/passwd": "expected an address of http or https, got 'file'",
        "to/ftp://127.0.0.1/1.jpg": "got 'ftp'",
        "to/http://169.254.169.254/latest/meta-data": "no machine of the web",
        "to/http://[fe80::1]/1.jpg": "no machine of the web",
        "to/http://0.0.0.0/1.jpg": "no machine of the web",
        "to/http://me:secret@127.0.0.1/": "names a user or a password",
        "to/http://[::1/": "no address",
    }.items(),
)
def test_each_fault_of_a_server_has_its_reason(server: PictureServer, tmp_path: Path, path: str, reason: str) -> None:
    assert reason in fetch_one(tmp_path, f"{server.address}/{path}")


@pytest.mark.parametrize(
    ("address", "reason"),
    {
        "file:///etc/passwd": "got 'file'",
        "data:image/png;base64,AAAA": "got 'data'",
        "javascript://x": "got 'javascript'",
        "http://": "names no host",
        "http:///x.jpg": "names no host",
        "http://a:b@example.com/x.jpg": "names a user or a password",
        "http://example.com:99999/x.jpg": "no address",
        "http://[::1/x.jpg": "no address",
        "http://a..b/x.jpg": "no name",
        "http://a\0b/x.jpg": "names no host",
        "http://a b/x.jpg": "names no host",
        "http://\udce9/x.jpg": "no address",
        "http://" + "a" * 5000: "at most 4,000 letters",
        "http://nowhere.invalid/x.jpg": "not known",
    }.items(),
)
def test_what_is_no_address_is_told(tmp_path: Path, address: str, reason: str) -> None:
    assert reason in fetch_one(tmp_path, address)


@pytest.mark.parametrize("path", ["busy-once", "cut-once"])
def test_a_busy_server_is_asked_once_more(server: PictureServer, tmp_path: Path, path: str) -> None:
    server.asked.clear()
    assert fetch_one(tmp_path, f"{server.address}/{path}") == ""
    assert server.asked[f"/{path}"] == 2


def test_this_machine_and_its_network_are_not_asked(server: PictureServer, tmp_path: Path) -> None:
    server.asked.clear()
    cache = PictureCache(tmp_path, limits=QUICK)
    hosts = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]")
    addresses = [f"http://{host}:{server.server_port}/1.jpg" for host in hosts]
    failed = cache.fetch(addresses, silent)
    assert list(failed) == addresses or set(failed) == set(addresses)
    assert set(failed.values()) <= {LOCAL, "its host is not known"}
    assert failed[addresses[0]] == LOCAL
    assert not server.asked


@pytest.mark.parametrize(
    "number",
    ("10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.2", "::1", "fd00::1", "::ffff:10.0.0.1"),
)
def test_numbers_of_the_own_network(number: str) -> None:
    assert fault_of(number, allow_local=False) == LOCAL
    assert fault_of(number, allow_local=True) == ""


@pytest.mark.parametrize(
    "number",
    ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1%eth0", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "240.0.0.1",
     "255.255.255.255", "100.64.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1"),
)  # fmt: skip
def test_numbers_that_are_never_asked(number: str) -> None:
    assert fault_of(number, allow_local=False)
    assert fault_of(number, allow_local=True)


@pytest.mark.parametrize("number", ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"))
def test_numbers_of_the_web(number: str) -> None:
    assert fault_of(number, allow_local=False) == ""


def test_a_name_is_looked_up_once_and_the_number_that_was_looked_at_is_asked(
    server: PictureServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    really = socket.getaddrinfo

    def look_up(host: str, port: int, *more: object, **named: object) -> object:
        if host == "shop.example":
            looked_up.append(host)
            return really("127.0.0.1", port, type=socket.SOCK_STREAM)
        return really(host, port, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    address = f"http://shop.example:{server.server_port}/1.jpg"
    assert PictureCache(tmp_path, limits=QUICK).fetch([address], silent) == {address: LOCAL}
    assert fetch_one(tmp_path, address) == ""
    assert looked_up == ["shop.example"] * 2
    assert server.headers[-1]["Host"] == f"shop.example:{server.server_port}"


def test_addresses_are_asked_for_in_ascii() -> None:
    assert str(WebAddress.parse("HTTP://Bücher.example/Kleid rot/é.jpg?a=ü b#x")) == (
        "http://xn--bcher-kva.example/Kleid%20rot/%C3%A9.jpg?a=%C3%BC%20b"
    )
    assert str(WebAddress.parse(" https://a.example:443 ")) == "https://a.example/"
    assert str(WebAddress.parse("https://a.example:8443/a%20b,c")) == "https://a.example:8443/a%20b,c"
    line = WebAddress.parse("http://a.example/x\r\nHost: b")
    assert "\n" not in line.target
    with pytest.raises(Unfetched):
        WebAddress.parse("http://a.example/").led_to("gopher://x")


def test_any_answer_gives_a_picture_or_a_reason(tmp_path: Path) -> None:
    picture = picture_bytes(1)
    plain = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture) + picture
    chunks = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(picture)
    answers = (plain, chunks + picture + b"\r\n0\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /2.jpg\r\n\r\n")
    tokens = (
        b"\r\n",
        b"-1",
        b"chunked",
        b"\0",
        b"\xff",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"://",
        b"[",
        b"9" * 30,
        b"%",
    )

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            source = random.Random(path)
            data = bytearray(source.choice(answers))
            for _ in range(source.randrange(5)):
                at = source.randrange(min(150, len(data)))
                data[at : at + source.randrange(4)] = source.choice(tokens)
            self.wfile.write(data)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = allow_reuse_address = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            """The client hangs up where it has seen enough."""

    with Server(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        addresses = [f"http://127.0.0.1:{server.server_address[1]}/{number}.jpg" for number in range(300)]
        limits = Limits(picture_bytes=200_000, silence_s=0.5, picture_s=2, pause_s=0, silent_host=10_000)
        cache = PictureCache(tmp_path, True, limits)
        failed = cache.fetch(addresses, silent)
        server.shutdown()
    fetched = [cache.file_of(address) for address in addresses if address not in failed]
    assert 30 < len(fetched) < 270
    assert all(read_picture(tmp_path / file).ndim == 3 for file in fetched)
    assert all(reason and reason.isprintable() for reason in failed.values())


def test_a_run_fetches_only_what_lacks(server: PictureServer, tmp_path: Path) -> None:
    addresses = [f"{server.address}/{number}.jpg" for number in range(10, 20)]
    PictureCache(tmp_path, True, QUICK).fetch(addresses[:6], silent)
    server.asked.clear()
    assert PictureCache(tmp_path, True, QUICK).fetch(addresses, silent) == {}
    assert set(server.asked) == {f"/{number}.jpg" for number in range(16, 20)}
    server.asked.clear()
    assert PictureCache(tmp_path, True, QUICK).fetch(addresses, silent) == {}
    assert not server.asked


def test_an_interrupted_run_keeps_what_it_has_and_goes_on(server: PictureServer, tmp_path: Path) -> None:
    addresses = [f"{server.address}/{number}.jpg" for number in range(30, 60)] + [f"{server.address}/silent"] * 1

    def interrupt(message: str, fraction: float | None) -> None:
        if fraction is not None and fraction > 0.3:
            raise KeyboardInterrupt

    limits = Limits(silence_s=30, picture_s=30)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        PictureCache(tmp_path, True, limits).fetch(addresses, interrupt)
    kept = PictureCache(tmp_path, True, QUICK)
    there = [address for address in addresses if kept.file_of(address)]
    assert 9 <= len(there) < 30
    assert not any(thread.name == "fetch" for thread in threading.enumerate())
    assert threading.active_count() <= before + 4  # the server's own
    server.asked.clear()
    assert list(kept.fetch(addresses[:-1], silent)) == []
    assert sum(server.asked.values()) == 30 - len(there)


def test_few_are_fetched_at_a_time(server: PictureServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0
    really = PictureServer.process_request

    def counted(self: PictureServer, *request: object) -> None:
        nonlocal most
        most = max(most, sum(thread.name == "fetch" for thread in threading.enumerate()))
        really(self, *request)  # type: ignore[arg-type]

    monkeypatch.setattr(PictureServer, "process_request", counted)
    PictureCache(tmp_path, True, QUICK).fetch([f"{server.address}/{number}.jpg" for number in range(20)], silent)
    assert 1 <= most <= downloads.THREADS


def test_a_host_that_does_not_answer_is_asked_no_more(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        addresses = [f"http://127.0.0.1:{nobody.getsockname()[1]}/{number}.jpg" for number in range(100)]
        failed = PictureCache(tmp_path, True, QUICK).fetch(addresses, silent)
    assert len(failed) == 100
    assert sum("asked no more" in reason for reason in failed.values()) >= 80
    assert "nobody answers there" in failed.values()


def test_a_picture_with_an_unknown_certificate_is_not_fetched(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving() as server:
        plain = fetch_one(tmp_path / "p", f"https://localhost:{server.server_port}/1.jpg")
        assert plain.startswith("no safe connection")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        address = f"https://localhost:{server.server_port}/1.jpg"
        assert fetch_one(tmp_path / "p", address).startswith("its certificate is not valid: self")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(certificate))
            assert fetch_one(tmp_path / "p", address) == ""
            other = address.replace("localhost", "127.0.0.1")
            assert "certificate" in fetch_one(tmp_path / "p", other)  # it is not for that name


def test_a_full_disk_and_a_linked_folder_are_one_line(
    server: PictureServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{server.address}/1.jpg"
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(RetrievalError, match="is a link"):
        PictureCache(tmp_path / "link", True, QUICK).fetch([address], silent)
    (tmp_path / "file").write_text("")
    with pytest.raises(RetrievalError, match="cannot be kept"):
        PictureCache(tmp_path / "file", True, QUICK).fetch([address], silent)
    monkeypatch.setattr(downloads, "FREE_BYTES", 1 << 60)
    with pytest.raises(RetrievalError, match="nearly full"):
        PictureCache(tmp_path / "full", True, QUICK).fetch([address], silent)
    assert not os.listdir(tmp_path / "full")
