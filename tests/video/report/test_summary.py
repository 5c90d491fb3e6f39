"""The summary of a run: its counts agree with the tables."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.running.run_record import read_record
from curator_video.report.summary import (
    build_summary,
    left_out_line,
    read_summary,
    read_videos,
    refresh_summary,
)

COSMOS_KEYS = {
    *("num_input_videos", "num_input_videos_selected", "num_processed_videos"),
    *("total_video_duration", "total_clip_duration", "max_clip_duration", "pipeline_run_time"),
    *("total_num_clips_filtered_by_motion", "total_num_clips_filtered_by_aesthetic"),
    *("total_num_clips_passed", "total_num_clips_transcoded", "total_num_clips_with_embeddings"),
    *("total_num_clips_with_caption", "total_num_clips_with_webp"),
}


@pytest.fixture
def table(finished_run):
    return pq.read_table(finished_run / "clips.parquet")


@pytest.fixture
def summary(finished_run):
    return json.loads((finished_run / "summary.json").read_text(encoding="utf-8"))


def test_the_keys_of_cosmos_curate_are_there(summary):
    assert summary.keys() >= COSMOS_KEYS


def test_clips_are_kept_or_dropped_by_a_stage(summary, table):
    dropped = sum(n for k, n in summary.items() if k.startswith("total_num_clips_filtered_by_"))
    assert summary["total_num_clips_passed"] + dropped == table.num_rows


def test_videos_are_counted_with_those_in_quarantine(summary):
    found = [summary[f"num_{name}_videos"] for name in ("input", "processed", "quarantined")]
    assert found == [3, 2, 1]


def test_lengths_add_up(summary, table):
    rows = [row for row in table.to_pylist() if row["keep"]]
    length = sum(row["end"] - row["start"] for row in rows)
    assert summary["total_clip_duration"] == pytest.approx(length)
    assert summary["total_video_duration"] == pytest.approx((108 + 84) / 24, abs=0.1)


def test_clips_that_overlap_are_no_more_than_their_video(own_run, table):
    record = read_record(str(own_run))
    twice = [{**row, "uuid": f"{row['uuid']}-2"} for row in table.to_pylist()]
    both = pa.concat_tables([table, pa.Table.from_pylist(twice, schema=table.schema)])
    once, found = (build_summary(str(own_run), each, record["facts"]) for each in (table, both))
    for name in ("fraction_of_duration_passed", "total_frames_kept", "total_frames_dropped"):
        assert found[name] == once[name]


def test_every_video_has_an_entry(summary, finished_run):
    assert {name for name, value in summary.items() if isinstance(value, dict)} == set(
        read_videos(str(finished_run))
    )


def test_clips_of_a_video_are_listed(summary, table):
    rows = [row["uuid"] for row in table.to_pylist() if row["video"] == "one.mp4" and row["keep"]]
    assert summary["one.mp4"]["clips"] == rows


def test_a_summary_follows_the_table(own_run):
    table = pq.read_table(own_run / "clips.parquet")
    pq.write_table(table.slice(0, 1), own_run / "clips.parquet")
    refresh_summary(str(own_run), read_record(str(own_run)))
    assert read_summary(str(own_run))["total_num_clips"] == 1


def test_a_run_without_clips_has_a_summary(tmp_path, table):
    found = build_summary(str(tmp_path), table.slice(0, 0), {})
    assert found["total_num_clips_passed"] == found["fraction_of_clips_passed"] == 0


def test_a_folder_without_a_summary_has_an_empty_one(tmp_path):
    assert read_summary(str(tmp_path)) == {}


def test_what_lies_in_no_clip_is_a_line():
    lost = [{"reason": "gradual change", "seconds": 2.5}, {"reason": "too short", "seconds": 1}]
    line = left_out_line({"duration_left_out": lost})
    assert line == "3.5 s in no clip: 2.5 s gradual change, 1.0 s too short"
    assert left_out_line({}) == ""
