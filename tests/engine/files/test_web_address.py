import pytest

from curator_engine.files.web_address import AddressError, WebAddress, is_public, places_of


def test_an_address_is_asked_for_in_letters_that_servers_take():
    address = WebAddress.parse(" https://bücher.example:8443/a b/é.jpg?q=%20x#part ")
    assert (address.host, address.port) == ("xn--bcher-kva.example", 8443)
    assert address.target == "/a%20b/%C3%A9.jpg?q=%20x"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://a.example/x", "not an address of http or https"),
        ("file:///etc/passwd", "not an address of http or https"),
        ("https:///x", "without a host"),
        ("http://[::1", "that can be read"),
        ("http://a:99999/x", "that can be read"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url, why):
    with pytest.raises(AddressError, match=why):
        WebAddress.parse(url)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        *((each, False) for each in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1")),
        *((each, False) for each in ("0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "fe80::1%eth0")),
        *((each, False) for each in ("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "x")),
    ],
)
def test_only_what_the_whole_web_reaches_is_public(number, expected):
    assert is_public(number) == expected


def test_a_host_of_this_machine_needs_leave():
    address = WebAddress.parse("http://127.0.0.1:1/")
    with pytest.raises(AddressError, match="private network"):
        places_of(address, allow_private=False)
    assert places_of(address, allow_private=True) == ["127.0.0.1"]
