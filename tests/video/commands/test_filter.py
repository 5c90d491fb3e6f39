"""`curator-video filter`: what a condition keeps, and that applying it is whole and can be repeated."""

import json
from functools import partial

import pyarrow as pa
import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.item_jobs import filter_items
from curator_engine.errors import InputError, SettingsError
from curator_video.clips.clip_table import CLIPS
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import FilterSettings

run = partial(filter_items, CLIP_APP)

FIRST = "video == 'one.mp4'"


def filtered(out, where, **options):
    settings = FilterSettings(inputs=[str(out)], where=where, **options)
    settings.check()
    return run(settings, Console(quiet=True))


def files(out):
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and path.suffix != ".html" and ".curator" not in path.parts
    }


def test_nothing_changes_without_apply(own_run):
    before = files(own_run)
    result = filtered(own_run, "sharpness > 1e9")
    assert (result.summary["kept"], result.summary["applied"]) == (0, False)
    assert files(own_run) == before


def test_each_clause_says_what_it_drops(finished_run):
    found = filtered(finished_run, f"{FIRST} and duration > 1000", restore=True).summary["clauses"]
    videos = CLIPS.read(str(finished_run)).column("video").to_pylist()
    others = len(videos) - videos.count("one.mp4")
    assert [(c["clause"], c["drops"], c["drops_alone"]) for c in found] == [
        (FIRST, others, 0),
        ("duration > 1000", len(videos), len(videos) - others),
    ]


def test_apply_drops_with_the_reason(own_run):
    filtered(own_run, "duration > 1000", apply=True, restore=True)
    for row in CLIPS.read(str(own_run)).to_pylist():
        assert not row["keep"]
        assert row["drop_stage"] == "filter"
        assert row["drop_reason"] == "not duration > 1000"
    assert not list((own_run / "clips").iterdir())


def test_a_reason_names_the_value(own_run):
    filtered(own_run, "sharpness > 1e9", apply=True)
    reason = CLIPS.read(str(own_run)).column("drop_reason")[0].as_py()
    assert reason.startswith("not sharpness > 1000000000.0: sharpness is ")


def test_what_was_dropped_before_stays_dropped(own_run):
    filtered(own_run, "sharpness > 1e9", apply=True)
    before = files(own_run)
    result = filtered(own_run, "True", apply=True)
    clips = CLIPS.read(str(own_run)).num_rows
    assert (result.summary["kept"], result.summary["could_come_back"]) == (0, clips)
    assert files(own_run) == before


def test_clips_that_could_come_back_are_told_of(own_run):
    filtered(own_run, "sharpness > 1e9", apply=True)
    clips = CLIPS.read(str(own_run)).num_rows
    lines = filtered(own_run, "True").lines
    assert f"  {clips} stay dropped by filter, motion" in lines
    assert f"  for {clips} of them the condition holds; --restore brings them back" in lines


def test_the_condition_takes_the_place_of_earlier_drops_where_that_is_asked_for(own_run):
    filtered(own_run, "sharpness > 1e9", apply=True)
    result = filtered(own_run, "True", apply=True, restore=True)
    assert result.summary["kept"] == result.summary["back"] == CLIPS.read(str(own_run)).num_rows


def test_there_and_back_gives_the_same_files(own_run):
    filtered(own_run, FIRST, apply=True, restore=True)
    before = files(own_run)
    filtered(own_run, "duration > 1000", apply=True, restore=True)
    filtered(own_run, FIRST, apply=True, restore=True)
    assert files(own_run) == before


def test_the_summary_and_the_page_follow(own_run):
    filtered(own_run, "duration > 1000", apply=True, restore=True)
    summary = json.loads((own_run / "summary.json").read_text(encoding="utf-8"))
    assert summary["total_num_clips_passed"] == 0
    assert "duration &gt; 1000" in (own_run / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("stage", ["dedup", "transcode"])
def test_duplicates_and_clips_that_were_not_cut_stay_dropped(own_run, stage):
    table = CLIPS.read(str(own_run))
    at = table.schema.get_field_index("drop_stage")
    table = table.set_column(at, "drop_stage", [[stage] * table.num_rows])
    keep = table.schema.get_field_index("keep")
    table = table.set_column(keep, "keep", [[False] * table.num_rows])
    CLIPS.write(str(own_run), table)
    assert filtered(own_run, "True", restore=True).summary["kept"] == 0


def test_what_has_no_file_stays_dropped(own_run):
    filtered(own_run, "duration > 1000", apply=True, restore=True)
    table = CLIPS.read(str(own_run))
    at = table.schema.get_field_index("path")
    table = table.set_column(at, table.schema.field(at), pa.nulls(table.num_rows, pa.string()))
    CLIPS.write(str(own_run), table)
    result = filtered(own_run, "True", restore=True)
    assert (result.summary["kept"], result.summary["without_file"]) == (0, table.num_rows)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"run\.json"):
        filtered(tmp_path, "True")


@pytest.mark.parametrize(("inputs", "where"), [(["a", "b"], "True"), (["a"], " ")])
def test_settings_that_do_not_fit_are_one_line(inputs, where):
    with pytest.raises(SettingsError):
        FilterSettings(inputs=inputs, where=where).check()
