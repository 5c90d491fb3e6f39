"""Screening and partitions."""

import pytest
from text_toys import corpus, deduplicate, write_corpus

from curator_text.candidates import load_arrays
from curator_text.cluster import screening_cut


def test_the_cut_is_four_standard_errors_below_the_threshold():
    assert screening_cut(0.8, 256) == pytest.approx(0.8 - 4 * 0.025)


def test_a_component_is_never_split_between_partitions(tmp_path):
    source = write_corpus(tmp_path / "in", corpus())
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"), partition_bytes=500)
    files = sorted((tmp_path / "cache/components").iterdir())
    parts = [load_arrays(str(file)) for file in files]
    members = [rank for part in parts for rank in part["rank"].tolist()]
    assert len(parts) > 3
    assert len(members) == len(set(members)) > len(parts)
    assert all(part["root"].max() < len(part["rank"]) for part in parts)
