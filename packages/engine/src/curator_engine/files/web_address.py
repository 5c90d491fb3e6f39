"""Addresses on the web: which may be fetched from, and where their hosts are.

A list of addresses from others must not reach what only this machine or its network sees: another service
here, a router, a cloud's metadata. So a host is looked up once, and what is connected to is what was checked.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

type _Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SAFE = "!#$%&'()*+,/:;=?@[]~"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressError(Exception):
    """Why an address is not fetched from, in a few words."""


@dataclass(frozen=True, kw_only=True)
class WebAddress:
    """The parts of an address that are needed to fetch it.

    Example:
        >>> WebAddress.parse("https://example.org/a b.jpg").target
        '/a%20b.jpg'
    """

    url: str
    is_secure: bool
    host: str
    """In the letters that name servers know."""
    port: int
    target: str
    """What is asked of the host: path and query."""

    @classmethod
    def parse(cls, url: str) -> "WebAddress":
        """The parts of an address.

        Raises:
            AddressError: It is none of http or https.
        """
        try:
            parts = urlsplit(url.strip())
            host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
            port = parts.port
        except ValueError:
            raise AddressError("no address that can be read") from None
        if parts.scheme not in ("http", "https"):
            raise AddressError("not an address of http or https")
        if not host:
            raise AddressError("an address without a host")
        is_secure = parts.scheme == "https"
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            url=url.strip(),
            is_secure=is_secure,
            host=host,
            port=port or (443 if is_secure else 80),
            target=quote((parts.path or "/") + query, safe=_SAFE),
        )


def places_of(address: WebAddress, *, allow_private: bool) -> list[str]:
    """The numbers of its host that may be connected to, in the order in which to try.

    Args:
        address: Whose host is looked up.
        allow_private: Also in networks that the web does not reach, and this machine.

    Raises:
        AddressError: There are none.
        OSError: The name cannot be looked up now.
    """
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
    allowed = [each for each in numbers if allow_private or is_public(each)]
    if not allowed:
        raise AddressError("its host is in a private network; --allow-private takes it")
    return allowed


def is_public(number: str) -> bool:
    """Whether an IP address is one that the whole web reaches; also of one that wraps another."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (address, *_wrapped(address)))


def _wrapped(address: _Address) -> list[_Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[_Address] = [each for each in (address.ipv4_mapped, address.sixtofour) if each]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found
