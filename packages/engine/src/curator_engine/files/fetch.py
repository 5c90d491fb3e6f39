"""Fetch a file from the web: with limits on size and time, only from where one may, and not against its owner's word.

One request after the other; many at a time, and how often a host is asked, are `fetch_many.py`'s. Nothing is
raised for an address: what went wrong comes as a reason, the same words for the same thing, to be counted.
"""

import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from urllib.parse import urljoin

from curator_engine.errors import SettingsError
from curator_engine.files.web_address import AddressError, WebAddress, places_of
from curator_engine.files.web_proxy import WebProxy, check_proxy, netloc_of, proxy_for

OPT_OUTS = frozenset({"noai", "noimageai", "noindex", "noimageindex"})
"""Words of X-Robots-Tag by which an owner says that a file is not to be collected; the first two mean training."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be others later."""
_PIECE_BYTES = 1 << 16
_ASKED = {"Accept": "*/*", "Accept-Encoding": "identity"}
"""What every request says beside who asks."""


@dataclass(frozen=True, kw_only=True)
class FetchRules:
    """How files are fetched.

    Example:
        >>> FetchRules(max_bytes=10_000_000).retries
        2
    """

    user_agent: str = "curator"
    """What servers are told who asks."""
    max_bytes: int = 64 << 20
    """Of a file."""
    timeout_s: float = 20.0
    """Seconds to wait for a connection, and each time for more of a file."""
    total_s: float = 120.0
    """Seconds for a file, with all its redirects."""
    retries: int = 2
    """How often a file is asked for again, where it may come later."""
    backoff_s: float = 1.0
    """Seconds before the first repetition, twice as many before each further one."""
    per_host: float = 4.0
    """Requests to a host in a second, at most."""
    longest_wait_s: float = 60.0
    """Seconds that a server may ask to wait (Retry-After); if it asks for more, the file is not fetched."""
    most_redirects: int = 5
    respect_opt_out: bool = True
    """Whether a file is let be whose server says so (X-Robots-Tag, TDM-Reservation)."""
    allow_private: bool = False
    """Whether hosts may be in private networks, or this machine."""
    proxy: str = field(default="", repr=False)
    """Through which files are fetched, as http://HOST:PORT; `environment` takes those of https_proxy, http_proxy and no_proxy."""

    def __post_init__(self) -> None:
        """Look at the numbers.

        Raises:
            SettingsError: One is out of range.
        """
        for name in ("max_bytes", "timeout_s", "total_s", "per_host"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"FetchRules: {name} {getattr(self, name)} is not above 0.")
        for name in ("retries", "backoff_s", "longest_wait_s", "most_redirects"):
            if getattr(self, name) < 0:
                raise SettingsError(f"FetchRules: {name} {getattr(self, name)} is below 0.")
        check_proxy(self.proxy)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What became of an address."""

    url: str
    data: bytes = b""
    reason: str = ""
    """Why there is no file; empty if there is one."""
    status: int = 0
    """Of the last answer; 0 without one."""
    final_url: str = ""
    """Where redirects led to."""
    content_type: str = ""
    """As the server says."""
    charset: str = ""
    """The encoding of a text, as the server says."""
    tries: int = 1
    may_come: bool = False
    """Whether it may be there later."""
    wait_s: float = 0.0
    """Seconds that the server asks to wait."""


@dataclass(kw_only=True)
class Watch:
    """The connection that a fetch waits on, so that another thread can end it when its time is over."""

    until: float = 0.0
    """By `time.monotonic`."""
    connection: socket.socket | None = field(default=None, repr=False)

    def end_if_over(self) -> None:
        """End the connection if its time is over: the fetch then fails at once."""
        connection = self.connection
        if connection is not None and time.monotonic() > self.until:
            with suppress(OSError):
                # That of TLS would take the session from under the thread that reads.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


type Read = Callable[[http.client.HTTPResponse, FetchRules, Watch], Fetched]
"""Makes a file of an answer, or says why there is none."""


class NotFetchedError(Exception):
    """Ends a fetch, with what became of it but for the address."""

    def __init__(self, reason: str, *, may_come: bool = False, status: int = 200) -> None:
        super().__init__(reason)
        self.found = Fetched(url="", reason=reason, may_come=may_come, status=status)


def fetch(
    url: str,
    rules: FetchRules,
    watch: Watch | None = None,
    *,
    read: Read | None = None,
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Fetch a file, once.

    Args:
        url: Of http or https.
        rules: The limits.
        watch: Is told of the connection. Without one, a server that sends a byte at a time can make a
            fetch last longer than `total_s`.
        read: Reads the answer, instead of `read_whole`, which keeps it in memory.
        headers: Further ones of the request, such as Range.
    """
    read = read or read_whole
    watch = watch or Watch()
    watch.until = time.monotonic() + rules.total_s
    seen = url
    try:
        for _ in range(rules.most_redirects + 1):
            response, connection = _ask(WebAddress.parse(seen), rules, watch, headers or {})
            try:
                if response.status not in _REDIRECTS or not response.headers.get("Location"):
                    found = read(response, rules, watch)
                    return replace(found, url=url, final_url=seen)
                seen = urljoin(seen, response.headers["Location"])
            finally:
                watch.connection = None
                connection.close()
        return Fetched(url=url, final_url=seen, reason="too many redirects")
    except NotFetchedError as error:
        return replace(error.found, url=url, final_url=seen)
    except AddressError as error:
        return Fetched(url=url, final_url=seen, reason=str(error))
    except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
        is_over = time.monotonic() > watch.until
        reason = "took too long" if is_over else _reason(error)
        may_come = is_over or not _is_final(error)
        return Fetched(url=url, final_url=seen, reason=reason, may_come=may_come)


def _ask(
    address: WebAddress, rules: FetchRules, watch: Watch, more: Mapping[str, str]
) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
    """Send a request to a host that was checked; the answer, with its head read."""
    kind = http.client.HTTPSConnection if address.is_secure else http.client.HTTPConnection
    connection = kind(address.host, address.port, timeout=rules.timeout_s)
    proxy = proxy_for(address, rules.proxy)
    plain = _connected_to(proxy, address, rules) if proxy else _connected(address, rules)
    target, headers = address.target, {"User-Agent": rules.user_agent, **_ASKED}
    try:
        watch.connection = plain
        if proxy and address.is_secure:
            _open_tunnel(proxy, plain, address)
        elif proxy:
            target = f"http://{netloc_of(address)}:{address.port}{target}"
            headers |= proxy.headers
        if address.is_secure:
            plain = _tls().wrap_socket(plain, server_hostname=address.host)
            watch.connection = plain
        # The socket is given: the name must not be looked up again, with another answer.
        connection.sock = plain
        connection.request("GET", target, headers={**headers, **more})
        return connection.getresponse(), connection
    except BaseException:
        watch.connection = None
        plain.close()
        raise


def _connected(address: WebAddress, rules: FetchRules) -> socket.socket:
    """A connection to the first number of a host that answers."""
    last: OSError | None = None
    for number in places_of(address, allow_private=rules.allow_private):
        try:
            return socket.create_connection((number, address.port), timeout=rules.timeout_s)
        except OSError as error:
            last = error
    raise last or OSError("no connection")


def _connected_to(proxy: WebProxy, address: WebAddress, rules: FetchRules) -> socket.socket:
    """A connection to a proxy, for a host that is not known here as one of a private network.

    Raises:
        NotFetchedError: It does not answer.
    """
    with suppress(socket.gaierror):
        # A name that is not known here, the proxy may know.
        places_of(address, allow_private=rules.allow_private)
    try:
        return socket.create_connection((proxy.host, proxy.port), timeout=rules.timeout_s)
    except OSError as error:
        raise NotFetchedError("no connection to the proxy", may_come=True, status=0) from error


def _open_tunnel(proxy: WebProxy, connection: socket.socket, address: WebAddress) -> None:
    status = proxy.open_tunnel(connection, address)
    if status != HTTPStatus.OK:
        again = status in _AGAIN
        raise NotFetchedError(f"the proxy answers with status {status}", may_come=again, status=0)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def refused(response: http.client.HTTPResponse, rules: FetchRules) -> Fetched:
    """What becomes of an answer that is no file."""
    status = response.status
    wait = _seconds_to_wait(response.headers.get("Retry-After", ""))
    is_too_long = wait > rules.longest_wait_s
    return Fetched(
        url="",
        reason=f"status {status}" + (", and asks to wait too long" if is_too_long else ""),
        may_come=status in _AGAIN and not is_too_long,
        status=status,
        wait_s=min(wait, rules.longest_wait_s),
    )


def read_whole(response: http.client.HTTPResponse, rules: FetchRules, watch: Watch) -> Fetched:
    """The file of an answer, or of a part that was asked for, in memory.

    Raises:
        NotFetchedError: It is not to be had.
    """
    status = response.status
    if status not in (200, 206):
        return refused(response, rules)
    size = checked_size(response, rules)
    data = bytearray()
    for piece in pieces_of(response, size, rules, watch):
        data += piece
    return Fetched(
        url="",
        data=bytes(data),
        status=status,
        content_type=content_type_of(response),
        charset=response.headers.get_content_charset("") or "",
    )


def content_type_of(response: http.client.HTTPResponse) -> str:
    """What the server says that an answer is."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def pieces_of(
    response: http.client.HTTPResponse,
    size: int | None,
    rules: FetchRules,
    watch: Watch,
    *,
    had: int = 0,
) -> Iterator[bytes]:
    """An answer piece by piece, within the limits.

    Args:
        response: The answer.
        size: The bytes that it promises; None if it does not say.
        rules: The limits.
        watch: Whose time counts.
        had: Bytes of the file that are there already.

    Raises:
        NotFetchedError: It is larger, slower or shorter than it may be.
    """
    count = 0
    # At most one wait for the network in each turn.
    while piece := response.read1(_PIECE_BYTES):
        count += len(piece)
        if had + count > rules.max_bytes:
            raise NotFetchedError("larger than the limit")
        yield piece
        if time.monotonic() > watch.until:
            raise NotFetchedError("took too long", may_come=True)
    if time.monotonic() > watch.until and size is None:
        raise NotFetchedError("took too long", may_come=True)
    if count < (size or 0):
        raise NotFetchedError("cut off", may_come=True)
    if not had + count:
        raise NotFetchedError("empty")


def checked_size(response: http.client.HTTPResponse, rules: FetchRules) -> int | None:
    """The bytes that an answer promises, if it may be read at all; None if it does not say.

    Raises:
        NotFetchedError: It is too large, or its owner does not want it.
    """
    headers = response.headers
    if rules.respect_opt_out and (word := opted_out(headers.items(), rules.user_agent)):
        raise NotFetchedError(f"opted out: {word}")
    coding = headers.get("Content-Encoding", "identity").lower()
    if coding not in ("identity", ""):
        raise NotFetchedError(f"sent as {coding[:20]}, which was not asked for")
    promised = headers.get("Content-Length", "")
    size = int(promised) if promised.isdecimal() else None
    if size is not None and size > rules.max_bytes:
        raise NotFetchedError("larger than the limit")
    return size


def opted_out(headers: Iterable[tuple[str, str]], user_agent: str) -> str:
    """The header by which an owner says that a file is not to be collected; empty if there is none.

    Args:
        headers: Names and values; a name may be there several times.
        user_agent: Who asks: what is said to others does not count.
    """
    for name, value in headers:
        lower = name.lower()
        if lower == "tdm-reservation" and value.strip() == "1":
            return "TDM-Reservation"
        if lower != "x-robots-tag":
            continue
        agent, colon, rest = value.partition(":")
        is_named = bool(colon) and re.fullmatch(r"\s*[\w.-]+\s*", agent) and "," not in agent
        if is_named and agent.strip().lower() != "unavailable_after":
            if agent.strip().lower() not in user_agent.lower():
                continue
            value = rest
        words = {word.strip().lower() for word in value.split(",")}
        if found := sorted(words & (OPT_OUTS | {"none"})):
            return f"X-Robots-Tag {found[0]}"
    return ""


def _seconds_to_wait(text: str) -> float:
    """What Retry-After says: seconds, or a date."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0


def _is_final(error: Exception) -> bool:
    """Whether asking again gives the same."""
    return isinstance(error, ssl.SSLCertVerificationError | ValueError)


def _reason(error: Exception) -> str:
    """In words that are the same for the same thing."""
    known: dict[type[Exception], str] = {
        TimeoutError: "no answer in time",
        socket.gaierror: "its host is not known",
        ssl.SSLCertVerificationError: "its certificate is not valid",
        ssl.SSLError: "no secure connection",
        ConnectionRefusedError: "connection refused",
        ConnectionError: "connection lost",
        http.client.HTTPException: "no answer that can be read",
        ValueError: "no address that can be read",
    }
    return next((text for kind, text in known.items() if isinstance(error, kind)), "no connection")
