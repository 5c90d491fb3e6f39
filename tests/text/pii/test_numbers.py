"""Checks of numbers; tests/text/pii/test_find.py has many of them in texts."""

from curator_text.pii.numbers import cards_in, iban_length, ipv4_in, is_ipv6, phones_in


def test_an_account_ends_where_its_country_says():
    text = "DE89 3704 0044 0532 0130 00 PLEASE"
    assert text[: iban_length(text)] == "DE89 3704 0044 0532 0130 00"
    assert iban_length("DE00 3704 0044 0532 0130 00") == 0


def test_a_card_is_not_a_part_of_a_longer_number():
    assert list(cards_in("4111111111111111")) == [(0, 16)]
    assert list(cards_in("41111111111111114111111111111111")) == []


def test_only_addresses_of_the_open_internet_count():
    assert list(ipv4_in("10.0.0.1 9.9.9.9")) == [(9, 16)]
    assert is_ipv6("2001:4860:4860::8888")
    assert not is_ipv6("::1")
    assert not is_ipv6("12:30:45")


def test_a_number_in_no_form_of_the_region_is_none():
    assert list(phones_in("london 289 460 939-2", ("US",))) == []
    assert list(phones_in("tel (310) 449-3411", ("US",))) == [(4, 18)]
