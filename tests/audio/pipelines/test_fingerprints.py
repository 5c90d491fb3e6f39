import pytest
from audio.runs import copied, rows_of

from curator_audio.pipelines.fingerprints import fingerprints_against, fingerprints_of
from curator_audio.recordings.segment_table import SEGMENTS
from curator_engine.errors import InputError


def test_kept_segments_are_fingerprinted_once(finished_segments, tmp_path):
    run = str(copied(finished_segments, tmp_path))
    table = SEGMENTS.read(run)
    found = fingerprints_of(run, table)
    kept = {row["uuid"] for row in rows_of(tmp_path / "out") if row["keep"]}
    assert set(found.column("uuid").to_pylist()) == kept
    file = tmp_path / "out" / "fingerprints.arrow"
    before = file.stat().st_mtime_ns
    fingerprints_of(run, table)
    assert file.stat().st_mtime_ns == before


def test_an_input_that_has_changed_is_refused(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    table = SEGMENTS.read(str(run))
    at = table.schema.get_field_index("stamp")
    table = table.set_column(at, table.schema.field(at), [["other"] * table.num_rows])
    with pytest.raises(InputError, match="Curate again"):
        fingerprints_of(str(run), table)
    assert not (run / "fingerprints.arrow").exists()


def test_recordings_and_runs_may_be_compared_with(finished_segments, tmp_path):
    run = str(copied(finished_segments, tmp_path))
    mine = fingerprints_of(run, SEGMENTS.read(run))
    source = finished_segments.parent / "in"
    found, rejected = fingerprints_against(
        run, [run, str(source / "loud.wav"), str(source / "none.wav")]
    )
    assert found.num_rows == mine.num_rows + 1
    assert rejected == 1
