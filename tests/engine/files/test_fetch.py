import socket

import pytest
from web_server import serving

from curator_engine.errors import SettingsError
from curator_engine.files.fetch import FetchRules, Watch, fetch, opted_out

RULES = FetchRules(allow_private=True, max_bytes=100, timeout_s=60)
ANSWERS = {
    "/ok": (200, {"Content-Type": "image/png; x=1"}, b"data"),
    "/chunk": (200, {"Content-Length": ""}, b"data"),
    "/to": (302, {"Location": "/ok"}, b""),
    "/round": (302, {"Location": "/round"}, b""),
    "/away": (302, {"Location": "file:///etc/passwd"}, b""),
    "/large": (200, {"Content-Length": "101"}, b""),
    "/larger": (200, {"Content-Length": ""}, bytes(200)),
    "/short": (200, {"Content-Length": "50"}, b"half"),
    "/none": (200, {}, b""),
    "/busy": (503, {"Retry-After": "7"}, b""),
    "/long": (429, {"Retry-After": "9999"}, b""),
    "/gone": (410, {}, b""),
    "/noai": (200, {"X-Robots-Tag": "all, noai"}, b"data"),
    "/packed": (200, {"Content-Encoding": "br"}, b"data"),
}


@pytest.fixture(scope="module")
def site():
    with serving(ANSWERS) as site:
        yield site


@pytest.mark.parametrize("path", ["/ok", "/chunk", "/to"])
def test_a_file_is_fetched(site, path):
    found = fetch(site.url + path, RULES)
    assert (found.data, found.reason, found.status) == (b"data", "", 200)
    assert found.final_url == site.url + ("/ok" if path == "/to" else path)


@pytest.mark.parametrize(
    ("path", "reason", "may_come"),
    [
        ("/round", "too many redirects", False),
        ("/away", "not an address of http or https", False),
        ("/large", "larger than the limit", False),
        ("/larger", "larger than the limit", False),
        ("/short", "cut off", True),
        ("/none", "empty", False),
        ("/busy", "status 503", True),
        ("/long", "status 429, and asks to wait too long", False),
        ("/gone", "status 410", False),
        ("/noai", "opted out: X-Robots-Tag noai", False),
        ("/packed", "sent as br, which was not asked for", False),
    ],
)
def test_what_cannot_be_had_has_a_reason(site, path, reason, may_come):
    found = fetch(site.url + path, RULES)
    assert (found.data, found.reason, found.may_come) == (b"", reason, may_come)


def test_the_server_says_how_long_to_wait(site):
    assert fetch(site.url + "/busy", RULES).wait_s == 7


def test_an_opt_out_can_be_passed_over(site):
    assert (
        fetch(site.url + "/noai", FetchRules(allow_private=True, respect_opt_out=False)).data
        == b"data"
    )


def test_this_machine_is_not_asked_without_leave(site):
    found = fetch(site.url + "/ok", FetchRules())
    assert found.reason == "its host is in a private network; --allow-private takes it"


def test_nobody_there_is_a_reason():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        # A port that is bound is nobody else's, and one that nobody listens at refuses.
        found = fetch(f"http://127.0.0.1:{free.getsockname()[1]}/", RULES)
    assert (found.reason, found.may_come) == ("connection refused", True)


def test_a_file_that_comes_drop_by_drop_ends_with_its_time():
    with serving({"/": (200, {"Slow": "1"}, bytes(50))}) as slow:
        found = fetch(slow.url + "/", FetchRules(allow_private=True, total_s=0.25))
    assert found.reason == "took too long"


def test_a_connection_is_ended_from_without_when_its_time_is_over():
    mine, other = socket.socketpair()
    with mine, other:
        watch = Watch(until=0.0, connection=mine)
        watch.end_if_over()
        assert other.recv(1) == b""


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-robots-tag": "noimageai, nofollow"}, "X-Robots-Tag noimageai"),
        ({"X-Robots-Tag": "otherbot: noai"}, ""),
        ({"X-Robots-Tag": "Curator: noai"}, "X-Robots-Tag noai"),
        ({"X-Robots-Tag": "unavailable_after: 25 Jun 2030 15:00:00 PST"}, ""),
        ({"TDM-Reservation": "1"}, "TDM-Reservation"),
        ({"tdm-reservation": "0", "X-Robots-Tag": "all"}, ""),
    ],
)
def test_owners_can_opt_out(headers, expected):
    assert opted_out(headers.items(), "curator/1") == expected


@pytest.mark.parametrize("numbers", [{"max_bytes": 0}, {"retries": -1}, {"per_host": 0}])
def test_numbers_out_of_range_are_refused(numbers):
    with pytest.raises(SettingsError, match="FetchRules"):
        FetchRules(**numbers)
