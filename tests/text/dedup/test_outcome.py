"""What is written at the end of a run, and what goes from an earlier one."""

import pytest
from text_toys import deduplicate, rows_of, sentence, write_jsonl


@pytest.fixture
def source(tmp_path):
    return write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)


def run(source, tmp_path, **settings):
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"), **settings)


def test_the_data_of_an_earlier_run_goes_if_none_is_wanted(source, tmp_path):
    run(source, tmp_path)
    run(source, tmp_path, perform_removal=False)
    assert not (tmp_path / "out/data").exists()


def test_data_that_went_is_written_again(source, tmp_path):
    for perform_removal in (True, False, True):
        run(source, tmp_path, perform_removal=perform_removal)
    assert len(rows_of(tmp_path / "out")) == 1
