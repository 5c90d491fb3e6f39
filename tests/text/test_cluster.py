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
    arrays = load_arrays(str(tmp_path / "cache/components.npz"))
    places = set(zip(arrays["component"].tolist(), arrays["partition"].tolist(), strict=True))
    assert len(places) == len({component for component, _ in places})
    assert len({partition for _, partition in places}) > 3
