"""What is private data, what only looks like it, and where it lies."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import SettingsError
from curator_text.pii.find import KINDS, Finder

JWT = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."
    "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
)
HEAD, TAIL = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
TRUE = [
    ("email", "jo.d+x@mail.example.co.uk"),
    ("email", "o'neil_1@example.org"),
    ("ip", "8.8.8.8"),
    ("ip", "2001:4860:4860::8888"),
    ("phone", "+1 212-736-5000"),
    ("phone", "(212) 736-5000"),
    ("phone", "+49 30 901820"),
    ("card", "4111 1111 1111 1111"),
    ("card", "5500-0055-5555-5559"),
    ("card", "378282246310005"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "GB82WEST12345698765432"),
    ("key", "AKIAIOSFODNN7EXAMPLE"),
    ("key", "ghp_" + "a1B2" * 9),
    ("key", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("key", JWT),
    ("key", f"{HEAD}\nMIIEow\n{TAIL}"),
    ("key", f"{HEAD}\n{'A' * 64}\n{'b' * 64}"),
]
FALSE = [
    "foo@bar and a @ b.com",
    "192.168.0.1 and 127.0.0.1",
    "version 1.2.3.4.5",
    "300.1.2.3",
    "std::vector a::b at 12:30:45",
    "fe80::1",
    "4111 1111 1111 1112",
    "1111 1111 1111 1117",
    "1999-2004, 10,000 and 2125551234",
    "DE89 3704 0044 0532 0130 01",
    "sk-learn-is-a-python-package",
    "XAKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.MjM0NTY3ODkw",
    "-----BEGIN PUBLIC KEY-----",
]
PIECES = [value for _, value in TRUE] + FALSE + ["", "é", "\n", " "]


@pytest.mark.parametrize(("kind", "value"), TRUE)
def test_it_is_found_where_it_lies(kind, value):
    raw = f"Grüße, see {value} there.".encode()
    [found] = Finder().find(raw.decode())
    assert (found.kind, raw[found.start : found.end].decode()) == (kind, value)


@pytest.mark.parametrize("text", FALSE)
def test_what_only_looks_like_it_is_left_alone(text):
    assert Finder().find(f"See {text} there.") == []


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_kinds_that_are_asked_for_are_found(kind):
    text = " ; ".join(value for _, value in TRUE)
    assert {each.kind for each in Finder(kinds=(kind,)).find(text)} == {kind}


def test_several_in_a_row_are_told_apart():
    text = (
        "+1 212-736-5000 / (212) 736-5000; 9.9.9.9 2001:4860:4860::8888; "
        "DE89 3704 0044 0532 0130 00 GB82WEST12345698765432"
    )
    kinds = [each.kind for each in Finder().find(text)]
    assert kinds == ["phone", "phone", "ip", "ip", "iban", "iban"]


def test_a_part_of_a_number_is_not_taken_for_one():
    [found] = Finder().find("192.168.0.1 and 127.0.0.1 8.8.8.8")
    assert (found.start, found.end) == (26, 33)
    assert Finder().find("7" * 60 + " 4111 1111 1111 1112") == []


def test_phone_numbers_without_a_prefix_are_of_the_regions():
    text = "Call 030 901820 or 212-736-5000."
    assert [e.kind for e in Finder(regions=("DE",)).find(text)] == ["phone"]
    assert len(Finder(regions=("DE", "US")).find(text)) == 2


@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_texts_together_give_what_each_gives_alone(texts):
    finder = Finder(kinds=("email", "ip", "card", "iban", "key"))
    alone = {i: finder.find(text) for i, text in enumerate(texts)}
    together = finder.find_all([text.encode() for text in texts])
    assert together == {i: found for i, found in alone.items() if found}


def test_nothing_is_found_across_two_documents():
    halves = [f"{HEAD}\nMIIE".encode(), f"{TAIL} jo@example.org".encode()]
    found = Finder().find_all(halves)
    assert [each.kind for each in found[1]] == ["email"]


def test_a_kind_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="no kind 'emails'"):
        Finder(kinds=("emails",))


def test_a_finder_travels_to_workers():
    finder = Finder()
    assert finder.find("jo@example.org")
    assert pickle.loads(pickle.dumps(finder)) == finder
