"""N-grams of known texts in documents, against plain Python."""

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from contamination_toys import plain_overlap
from text_toys import write_jsonl

from curator_text.decontaminate.evaluation_index import build_index
from curator_text.decontaminate.evaluation_items import evaluation_files
from curator_text.decontaminate.letters import folded
from curator_text.decontaminate.match_tables import Rule


def fold(text):
    """The words of a text as the kernel sees them."""
    from curator_text.kernels import overlap_kernels

    raw = np.frombuffer(text.encode(), np.uint8)
    letters, starts = np.zeros(3 * len(raw) + 1, np.uint32), np.zeros(3 * len(raw) + 2, np.bool_)
    chars = np.zeros(3 * len(raw) + 1, np.int32)
    count = overlap_kernels.fold(raw, 0, len(raw), folded(), letters, starts, chars)
    assert starts[count]
    found, places = [], []
    for k in range(count):
        if starts[k]:
            found.append("")
            places.append(int(chars[k]))
        found[-1] += chr(letters[k])
    return found, places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't  STOP\u2014now,\n2 ways!", ["dont", "stop", "now", "2", "ways"]),
        ("Caf\u00e9 cafe\u0301 na\u00efve", ["cafe", "cafe", "naive"]),
        ("Stra\u00dfe \ufb01ne x\u00b2 \u00bd", ["strasse", "fine", "x2", "12"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("\u6211\u559c\u6b22 ok\u30ab", ["\u6211", "\u559c", "\u6b22", "ok", "\u30ab"]),
        ("\ud55c\uad6d", [chr(0x1112) + chr(0x1161) + chr(0x11AB) + "\u1100\u116e\u11a8"]),
        ("", []),
        ("... \U0001f600 ...", []),
    ],
)
def test_letters_are_told_from_what_does_not_count(text, expected):
    assert fold(text)[0] == expected


def test_places_are_characters_of_the_text():
    assert fold("\u00e9\u00e9 \U0001f600 x\ufb01 \u6211y")[1] == [0, 5, 8, 9]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("least", [0.0, 0.3, 0.5, 1.0])
def test_items_are_found_as_plain_python_finds_them(tmp_path, seed, least):
    rng = random.Random(seed)
    few = ["a", "b", "cc", "a b", "B,", "ddd-a", "\u2014cc!"]
    items = [" ".join(rng.choices(few, k=rng.randrange(3, 12))) for _ in range(40)]
    documents = [" ".join(rng.choices(few, k=rng.randrange(0, 60))) for _ in range(60)]
    path = write_jsonl(tmp_path / "e.jsonl", [{"q": item} for item in items])
    index = build_index(evaluation_files([path]), ngram=4, min_words=3)
    hits = index.find(pa.array(documents, pa.large_string()))
    rule = Rule(index=index, ignored=np.zeros(len(index.anchors), np.bool_), min_overlap=least)
    matches = rule.apply(hits, np.zeros(len(items), np.bool_))
    expected = {
        (d, i)
        for d, document in enumerate(documents)
        for i, item in enumerate(items)
        if (share := plain_overlap(document, item, 4)) >= least and share > 0
    }
    assert set(map(tuple, matches.rows[:, :2].tolist())) == expected


def test_equal_hashes_of_different_letters_are_no_match(tmp_path):
    from curator_text.kernels import overlap_kernels

    path = write_jsonl(tmp_path / "e.jsonl", [{"q": "one two three four"}])
    index = build_index(evaluation_files([path]), ngram=4, min_words=1)
    # The index is told that its n-gram has the hashes of another text of as many letters.
    other = np.array([ord(c) for c in "sixtwoeightfour"], np.uint32)
    assert index.lengths.tolist() == [len(other)]
    sums = np.empty(len(other) + 1, np.uint64)
    overlap_kernels.prefix_hashes(other, len(other), sums)
    lying = replace(
        index,
        anchors=sums[index.sizes],
        hashes=sums[-1:].copy(),
        bits=np.full_like(index.bits, 255),
    )
    texts = pa.array(["six two eight four", "one two three four"], pa.large_string())
    assert len(lying.find(texts)) == 0
    honest = replace(lying, known=other)
    assert honest.find(texts)[:, 0].tolist() == [0]
