"""Numbers that may be private: addresses on the internet, cards, phones, bank accounts.

RE2 finds what may be one; here it is checked: by ranges, check digits and numbering plans.
"""

import ipaddress
import re
from collections.abc import Iterator

CANDIDATE = rb"\+?\(?[0-9][0-9 .()/\-]{5,30}[0-9]"
"""Digits with what may stand between them; at least seven characters."""
IPV6 = rb"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*[0-9A-Fa-f]"
IBAN = rb"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}"
_IPV4 = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])")
_CARD = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_LENGTHS, _FIRST = range(13, 20), "23456"
_SHORTEST_IBAN = 15
type Span = tuple[int, int]


def ipv4_in(text: str) -> Iterator[Span]:
    """Addresses that can be reached from anywhere; those of a home network tell nothing of anybody."""
    for found in _IPV4.finditer(text):
        if _is_public(found[0]):
            yield found.span()


def is_ipv6(text: str) -> bool:
    """Whether it is an address; what C++ writes between names, or a time, is none."""
    parts = [part for part in text.split(":") if part]
    is_long = len(parts) > 2 or any(len(part) > 2 for part in parts)
    return is_long and any(c.isdigit() for c in text) and _is_public(text)


def _is_public(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def cards_in(text: str) -> Iterator[Span]:
    """Card numbers: 13 to 19 digits, alone or in groups, with Luhn's check digit."""
    from stdnum import luhn

    for found in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", found[0])
        plausible = digits[0] in _FIRST and len(set(digits)) > 1 and len(digits) in _LENGTHS
        if plausible and luhn.is_valid(digits):
            yield found.span()


def phones_in(text: str, regions: tuple[str, ...]) -> Iterator[Span]:
    """Phone numbers: with the country's prefix, or in the form that a region writes them in.

    Args:
        text: A number and what stands around it.
        regions: Countries by their two letters.
    """
    import phonenumbers

    strict = phonenumbers.Leniency.STRICT_GROUPING
    asked = [(None, phonenumbers.Leniency.VALID), *((region, strict) for region in regions)]
    for region, leniency in asked:
        for found in phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency):
            raw = found.raw_string
            # A run of digits alone is as likely a number of anything else.
            if raw.startswith("+") or not raw.isdigit():
                yield found.end - len(raw.lstrip()), found.end


def iban_length(text: str) -> int:
    """Characters of the bank account that the text begins with; 0 if it begins with none."""
    from stdnum import iban

    for end in range(len(text), _SHORTEST_IBAN - 1, -1):
        if text[end - 1] != " " and iban.is_valid(text[:end]):
            return end
    return 0
