"""What stays together when documents are split."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.blend.groups import (
    fields_needed,
    group_hashes,
    hashed,
    hosts,
    parse_split,
    parts_of,
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.org:8080/a?b", "example.org"),
        ("http://user:word@example.org", "example.org"),
        ("//example.org/x", "example.org"),
        ("example.org/x", "example.org"),
        ("http://[::1]:80/", "[::1]"),
        ("http://wwwx.org#a", "wwwx.org"),
        ("", None),
        (None, None),
    ],
)
def test_a_site_is_the_host_of_an_address(url, host):
    assert hosts(pa.array([url], pa.string())).to_pylist() == [host]


@pytest.mark.parametrize("split", ["98", "1,2,3,4", "a,b", "0,1", "1,0", "5,-1,2", ""])
def test_a_split_that_is_none_is_told(split):
    with pytest.raises(SettingsError, match="--split"):
        parse_split(split)


def test_parts_follow_from_groups_alone_and_are_about_as_large_as_asked():
    groups = np.random.default_rng(3).integers(0, 1 << 63, 20_000).astype(np.uint64)
    shares = [Fraction(8, 10), Fraction(1, 10), Fraction(1, 10)]
    parts = parts_of(groups, shares, seed=1)
    counts = Counter(parts.tolist())
    assert counts[0] == pytest.approx(16_000, rel=0.05)
    assert counts[1] == pytest.approx(2000, rel=0.15)
    assert (parts_of(groups[5:10], shares, seed=1) == parts[5:10]).all()
    assert (parts_of(groups, shares, seed=2) != parts).any()
    assert (parts_of(groups, shares[:1], seed=1) == 0).all()


def test_equal_values_have_equal_hashes_and_none_has_no_group():
    found, is_there = hashed(pa.chunked_array([["a", None], ["b", "a"]]))
    assert found[0] == found[3] != found[2]
    assert is_there.tolist() == [True, False, True, True]
    none = hashed(pa.array([None, None], pa.string()))
    assert none[1].tolist() == [False, False]


def test_a_document_is_in_the_cluster_of_the_one_that_it_is_like():
    table = pa.table({"id": ["a", "b", "c"], "duplicate_of": [None, "a", None]})
    found, is_there = group_hashes(table, "cluster", ["duplicate_of"])
    assert found[0] == found[1] != found[2]
    assert is_there.all()


def test_a_field_that_is_not_there_is_told():
    assert fields_needed("site", ["site"]) == ["site"]
    assert fields_needed("hash", []) == []
    for name, wanted in (("site", "url"), ("cluster", "cluster_id"), ("topic", "topic")):
        with pytest.raises(SettingsError, match=f"tokenize with --fields {wanted}"):
            fields_needed(name, ["else"])


def test_a_site_may_be_a_field_of_its_own():
    table = pa.table({"site": ["x", "y"], "text_hash": pa.array([1, 2], pa.uint64())})
    assert (group_hashes(table, "site", ["site"])[0] == hashed(table.column("site"))[0]).all()
