"""What is written at the end of a run, and what goes from an earlier one."""

import pytest
from text_toys import deduplicate, rows_of, sentence, write_jsonl

from curator_engine.errors import StageError
from curator_text.removal.outcome import check_ratio


@pytest.fixture
def source(tmp_path):
    return write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)


def run(source, tmp_path, **settings):
    deduplicate(source, tmp_path / "out", cache_path=str(tmp_path / "cache"), **settings)


def test_data_that_went_is_written_again(source, tmp_path):
    for perform_removal in (True, False, True):
        run(source, tmp_path, perform_removal=perform_removal)
    assert len(rows_of(tmp_path / "out")) == 1


def test_more_than_may_go_stops_the_run():
    check_ratio(5, 10, most=0.5)
    with pytest.raises(StageError, match="6 of 10 documents would go"):
        check_ratio(6, 10, most=0.5)
