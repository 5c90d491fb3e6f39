"""An earlier data/ goes when none is written."""

import pytest
from text_toys import deduplicate, sentence, write_jsonl


@pytest.fixture
def source(tmp_path):
    return write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)


def run(source, tmp_path, **settings):
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"), **settings)


def test_the_data_of_an_earlier_run_goes_if_none_is_wanted(source, tmp_path):
    run(source, tmp_path)
    run(source, tmp_path, perform_removal=False)
    assert not (tmp_path / "out/data").exists()
