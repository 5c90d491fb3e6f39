"""Kept, dropped, left out and quarantined frames add up to those of the input."""

import pytest

from curator_video.read.frame_account import LEFT_OUT, account, covered, totals


def row(start, end, *, keep=True, video="a"):
    return {"video": video, "start_frame": start, "end_frame": end, "keep": keep}


def whole(found):
    left_out = found["left_out"]
    values = left_out.values() if isinstance(left_out, dict) else (e["frames"] for e in left_out)
    return found["kept"] + found["dropped"] + found["quarantined"] + sum(values)


VIDEOS = {"a": {"frames": {"input": 100, "in_clips": 80, "left_out": {"gap": 5, "too short": 15}}}}


def test_frames_in_several_clips_count_once_and_as_kept():
    rows = [row(0, 50), row(25, 60, keep=False), row(50, 80, keep=False)]
    found = account(VIDEOS, rows)["a"]
    assert (found["kept"], found["dropped"], whole(found)) == (50, 30, 100)


def test_clips_that_are_in_no_table_are_in_quarantine():
    found = account(VIDEOS, [row(0, 30)])["a"]
    assert (found["quarantined"], whole(found)) == (50, 100)


def test_clips_of_a_video_without_a_record_are_in_no_total():
    assert account({}, [row(0, 30)]) == {}


def test_totals_name_every_reason():
    total = totals(account(VIDEOS, [row(0, 80)]).values())
    assert [each["reason"] for each in total["left_out"]] == list(LEFT_OUT)
    assert whole(total) == total["input"] == 100


@pytest.mark.parametrize(
    ("spans", "length"),
    [([], 0), ([(5, 9), (0, 3)], 7), ([(0, 5), (2, 9)], 9), ([(0, 9), (2, 3), (8, 10)], 10)],
)
def test_the_union_of_spans(spans, length):
    assert covered(spans) == length
