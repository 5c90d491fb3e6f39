"""What counts when texts are compared."""

from curator_text.decontaminate.letters import folded


def letters(char):
    entry, found = int(folded()[ord(char)]), ""
    while entry and entry != 1 << 63:
        found, entry = found + chr(entry & 0xFFFFF), entry >> 21
    return found


def test_case_and_accents_do_not_count():
    assert [letters(c) for c in "A\u00c9\u00f8\u0130"] == ["a", "e", "\u00f8", "i"]


def test_one_character_may_be_several_letters():
    assert [letters(c) for c in "\ufb03\u2460\u00c6"] == ["ffi", "1", "\u00e6"]


def test_vowel_signs_are_letters_and_points_are_none():
    assert letters("\u093f") == "\u093f"
    assert letters("\u064e") == letters("\u0301") == ""
