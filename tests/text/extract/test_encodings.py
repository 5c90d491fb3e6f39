"""Bytes into text, whatever the page and its server say."""

import codecs

import pytest

from curator_text.extract.encodings import decode

RUSSIAN = "Это русский текст про кошек, которые живут дома, около реки. " * 5
JAPANESE = "これは日本語の文章です。川のそばの家に猫と犬が住んでいます。" * 5


@pytest.mark.parametrize(
    ("data", "said", "text", "encoding"),
    [
        ("für".encode(), "text/html; charset=iso-8859-1", "für", "utf-8"),
        (
            "f\xfcr \x80".encode("cp1252", "ignore") + b"\x80",
            "text/html; charset=ISO-8859-1",
            "für €",
            "cp1252",
        ),
        (codecs.BOM_UTF16_LE + "für".encode("utf-16-le"), "", "für", "utf-16-le"),
        (codecs.BOM_UTF8 + "für".encode(), "text/html; charset=latin1", "für", "utf-8"),
        (b"<meta charset=windows-1251>" + RUSSIAN.encode("cp1251"), "", None, "cp1251"),
        (
            b'<?xml version="1.0" encoding="Shift_JIS"?>' + JAPANESE.encode("cp932"),
            "",
            None,
            "cp932",
        ),
        (RUSSIAN.encode("cp1251"), "", RUSSIAN, "cp1251"),
        (RUSSIAN.encode("koi8-r"), "text/html; charset=no-such-thing", RUSSIAN, "koi8-r"),
    ],
)
def test_the_text_is_found(data, said, text, encoding):
    found = decode(data, content_type=said)
    assert (found.encoding, found.bad) == (encoding, 0)
    assert text is None or found.text == text


def test_utf8_that_is_broken_in_one_place_stays_utf8():
    found = decode(b"<meta charset=utf-8>" + "für ".encode() * 200 + b"\xff")
    assert (found.encoding, found.bad, found.is_readable) == ("utf-8", 1, True)


def test_a_page_that_claims_utf16_where_it_cannot_be_is_no_utf16():
    assert decode(b"<meta charset=utf-16>" + "für".encode("cp1252")).text.startswith("<meta")


def test_bytes_that_are_no_text_are_known():
    assert not decode(bytes(range(256)) * 20).is_readable
