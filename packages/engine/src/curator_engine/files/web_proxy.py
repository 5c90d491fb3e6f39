"""A proxy through which files are fetched: for networks that reach the web by one only.

Proxies that are spoken to by HTTP: addresses of http are asked of the proxy, for those of https it opens a
tunnel. It looks up hosts itself, so what it reaches of its own network is its matter.
"""

import base64
import http.client
import socket
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from curator_engine.errors import SettingsError
from curator_engine.files.web_address import WebAddress

ENVIRONMENT = "environment"
"""Stands for the proxies that https_proxy, http_proxy and no_proxy name."""
_PORT = 3128
"""The port of most proxies, where none is given."""


@dataclass(frozen=True, kw_only=True)
class WebProxy:
    """Where a proxy is.

    Example:
        >>> WebProxy.parse("http://proxy.example.org:8080").port
        8080
    """

    host: str
    port: int
    authorization: str = field(default="", repr=False)
    """What the header Proxy-Authorization says; empty without a name and a password."""

    @classmethod
    def parse(cls, url: str) -> "WebProxy":
        """A proxy of its address; http:// may be left out.

        Raises:
            SettingsError: It is none.
        """
        # The address is not quoted: it may hold a password.
        wrong = "the proxy has no address of http; write it as http://HOST:PORT."
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise SettingsError(wrong) from None
        if parts.scheme != "http" or not host:
            raise SettingsError(wrong)
        known = ""
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            known = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return cls(host=host, port=port or _PORT, authorization=known)

    @property
    def headers(self) -> dict[str, str]:
        """What the proxy is told with each request."""
        return {"Proxy-Authorization": self.authorization} if self.authorization else {}

    def open_tunnel(self, connection: socket.socket, address: WebAddress) -> int:
        """Ask for a tunnel to a host; the status of the answer, of which 200 says that it is there.

        Raises:
            OSError: The connection ends.
            http.client.HTTPException: There is no answer that can be read.
        """
        place = f"{netloc_of(address)}:{address.port}"
        lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
        response = http.client.HTTPResponse(connection, method="CONNECT")
        try:
            response.begin()
            return response.status
        finally:
            response.close()


def check_proxy(given: str) -> None:
    """Look at a proxy before anything is fetched.

    Raises:
        SettingsError: It is none.
    """
    for each in _of_environment().values() if given == ENVIRONMENT else filter(None, [given]):
        WebProxy.parse(each)


def proxy_for(address: WebAddress, given: str) -> WebProxy | None:
    """The proxy through which to fetch an address, if there is one.

    Args:
        address: What is to be fetched.
        given: A proxy; `environment`, or nothing.
    """
    if given != ENVIRONMENT:
        return WebProxy.parse(given) if given else None
    found = _of_environment().get("https" if address.is_secure else "http")
    is_left_out = proxy_bypass(f"{netloc_of(address)}:{address.port}")
    return WebProxy.parse(found) if found and not is_left_out else None


def netloc_of(address: WebAddress) -> str:
    """The host of an address as it stands in one."""
    return f"[{address.host}]" if ":" in address.host else address.host


def _of_environment() -> dict[str, str]:
    named = getproxies_environment()
    return {name: named[name] for name in ("http", "https") if named.get(name)}
