"""Web addresses that a stranger wrote: what they name, and which machines of the network may be asked."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from retrieval.values.errors import one_line

PORTS = {"http": 80, "https": 443}
MAX_ADDRESS_LETTERS = 4_000
UNICAST_V6 = ipaddress.ip_network("2000::/3")
LOCAL = "it lies on this machine or its network; --allow-local-addresses fetches it, too"


class Unfetched(Exception):
    """Why a picture was not fetched, in a few words; ``again`` when the next moment may be better."""

    def __init__(self, reason: str, again: bool = False) -> None:
        super().__init__(one_line(reason))
        self.again = again


@dataclass(frozen=True)
class WebAddress:
    """An address that can be asked for.

    Attributes:
        scheme: ``http`` or ``https``.
        host: a name or a number, in ASCII.
        port: 1..65535.
        target: path and query as they are sent, in ASCII.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, text: str) -> WebAddress:
        """Read an address as a browser would; what follows ``#`` is left out.

        Raises:
            Unfetched: if it is none of the web, or names a password, which nobody should send for a stranger.
        """
        if len(text) > MAX_ADDRESS_LETTERS:
            raise Unfetched(f"expected an address of at most {MAX_ADDRESS_LETTERS:,} letters, got {len(text):,}")
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname or "", parts.port
            host = host if host.isascii() else host.encode("idna").decode("ascii")
            target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), "/%:@!$&'()*+,;=~?[]|")
        except ValueError:
            raise Unfetched("it is no address") from None
        if parts.scheme not in PORTS:
            raise Unfetched(f"expected an address of http or https, got {parts.scheme or 'none'!a:.20}")
        if not host or port == 0 or not host.isprintable() or " " in host:
            raise Unfetched("it names no host")
        if "@" in parts.netloc:
            raise Unfetched("it names a user or a password")
        return cls(parts.scheme, host, port or PORTS[parts.scheme], target)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    def led_to(self, location: str) -> WebAddress:
        """The address that this one's server leads to.

        Raises:
            Unfetched: as ``parse`` does.
        """
        try:
            return WebAddress.parse(urljoin(str(self), location.strip()))
        except ValueError:
            raise Unfetched("it leads to what is no address") from None

    def connect(self, allow_local: bool, timeout_s: float) -> socket.socket:
        """Look the host up once, and connect to the first of its numbers that may be asked and answers.

        A name that stands for another number the next time, as an attacker's may, changes nothing.

        Raises:
            Unfetched: if none may be asked.
            OSError: if none answers.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except ValueError:
            raise Unfetched("its host is no name") from None
        numbers = list(dict.fromkeys(str(place[0]) for *_, place in found))
        faults = {number: fault_of(number, allow_local) for number in numbers}
        allowed = [number for number in numbers if not faults[number]][:2]
        if not allowed:
            raise Unfetched(next(iter(faults.values()), "it names no host"))
        for number in allowed:
            try:
                connection = socket.create_connection((number, self.port), timeout_s)
            except OSError:
                if number == allowed[-1]:
                    raise
                continue
            if not allow_local and connection.getsockname()[0] == connection.getpeername()[0]:
                connection.close()
                raise Unfetched(LOCAL)
            return connection
        raise AssertionError


def fault_of(number: str, allow_local: bool) -> str:
    """What speaks against asking a machine, by its IP address; "" when nothing does."""
    ip = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        return "its host is no machine of the web"  # link-local ones give a cloud machine its passwords
    if ip.is_loopback or ip.is_private:
        return "" if allow_local else LOCAL
    if not ip.is_global or (isinstance(ip, ipaddress.IPv6Address) and (ip not in UNICAST_V6 or ip.sixtofour)):
        return "its host is no machine of the web"
    return ""
