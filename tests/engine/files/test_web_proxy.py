"""Fetching through a proxy."""

import socket
from threading import Thread

import pytest
from web_server import serving

from curator_engine.errors import SettingsError
from curator_engine.files.fetch import FetchRules, fetch
from curator_engine.files.web_address import WebAddress
from curator_engine.files.web_proxy import WebProxy, proxy_for

NAMES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def through(proxy, **more):
    return FetchRules(proxy=proxy, timeout_s=60, **more)


def test_a_proxy_is_asked_for_the_whole_address():
    asked = "http://name.invalid:80/a%20b"
    with serving({asked: (200, {}, b"data")}) as proxy:
        found = fetch("http://name.invalid/a b", through(proxy.url))
    assert (found.data, found.reason) == (b"data", "")


def test_a_proxy_opens_a_tunnel_for_https_and_is_told_who_asks():
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = []

        def serve():
            connection, _ = server.accept()
            with connection:
                said.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                said.append(connection.recv(3))

        thread = Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        found = fetch("https://name.invalid/x", through(f"http://me:a%20b@127.0.0.1:{port}"))
        thread.join(60)
    lines = said[0].decode().split("\r\n")
    assert lines[0] == "CONNECT name.invalid:443 HTTP/1.1"
    assert "Proxy-Authorization: Basic bWU6YSBi" in lines
    # What follows is the greeting of TLS.
    assert said[1] == b"\x16\x03\x01"
    assert found.reason in ("no secure connection", "connection lost")


def test_a_proxy_that_refuses_or_is_not_there_is_the_reason():
    with serving({}) as proxy:
        # That server knows no CONNECT.
        found = fetch("https://name.invalid/x", through(proxy.url))
        assert (found.reason, found.may_come) == ("the proxy answers with status 501", False)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        found = fetch("http://name.invalid/x", through(nobody))
    assert (found.reason, found.may_come) == ("no connection to the proxy", True)


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "https://localhost/x", "http://10.0.0.1/"])
def test_a_private_address_is_refused_here(url):
    with serving({}) as proxy:
        assert "private network" in fetch(url, through(proxy.url)).reason
        assert proxy.asked == {}


def test_the_proxies_of_the_environment_count_when_they_are_asked_for(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://secure.example:8080")
    monkeypatch.setenv("no_proxy", ".inside.example")
    https, http, inside = (
        WebAddress.parse(f"{place}/x")
        for place in ("https://a.example", "http://a.example", "https://b.inside.example")
    )
    assert proxy_for(https, "environment") == WebProxy(host="secure.example", port=8080)
    assert proxy_for(https, "") is None
    assert proxy_for(http, "environment") is None
    assert proxy_for(inside, "environment") is None
    monkeypatch.setenv("http_proxy", "socks5://x:1")
    with pytest.raises(SettingsError, match="no address of http"):
        through("environment")


@pytest.mark.parametrize("url", ["socks5://a:1", "http://", "http://a:99999", "https://a"])
def test_what_is_no_proxy_is_said_without_its_password(url):
    with pytest.raises(SettingsError, match="http://HOST:PORT"):
        WebProxy.parse(url)
    assert "secret" not in repr(through("http://me:secret@a"))
