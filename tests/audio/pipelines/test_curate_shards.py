"""`curate --shard` and `merge`: what they leave is what one run over everything leaves."""

import json

import pytest
from audio.runs import ALONE, LENIENT, audio, data, rows_of, write_recordings

HOW = ("--cut", "whole", "--min-loudness", "-40", *LENIENT, *ALONE)


@pytest.mark.parametrize("output_format", ["flac", "none"])
def test_shards_make_what_one_run_makes(tmp_path, output_format):
    source = write_recordings(tmp_path / "in")
    # The folder's list is an input of its own: recordings come first in a folder.
    words = ("curate", source, source / "list.jsonl", *HOW, "--output-format", output_format)
    assert audio(*words, "-o", tmp_path / "one") == 3
    for shard in range(3):
        assert audio(*words, "-o", tmp_path / "parts", "--shard", f"{shard}/3") in (0, 3)
    assert audio("merge", tmp_path / "parts", "-o", tmp_path / "whole") == 3
    assert rows_of(tmp_path / "whole") == rows_of(tmp_path / "one")
    for name in ("manifest.jsonl", "cuts.jsonl"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    if output_format != "none":
        assert data(tmp_path / "whole") == data(tmp_path / "one")
    one, whole = (
        json.loads((tmp_path / name / "run.json").read_text(encoding="utf-8"))["facts"]
        for name in ("one", "whole")
    )
    names = ("recordings", "segments", "kept", "dropped", "unreadable", "dropped_by", "kept_s")
    assert {name: whole[name] for name in names} == {name: one[name] for name in names}


def test_a_merged_run_is_a_run_like_others(tmp_path):
    source = write_recordings(tmp_path / "in")
    for shard in range(2):
        words = ("curate", source, "-o", tmp_path / "parts", *HOW, "--shard", f"{shard}/2")
        assert audio(*words) in (0, 3)
    assert audio("merge", tmp_path / "parts", "-o", tmp_path / "whole") == 3
    assert (
        audio("filter", tmp_path / "whole", "--where", "loudness > -90", "--restore", "--apply")
        == 0
    )
    kept = [row["path"] for row in rows_of(tmp_path / "whole") if row["keep"]]
    assert sorted(data(tmp_path / "whole")) == sorted(path.removeprefix("data/") for path in kept)
    assert len(kept) == 3


def test_copies_are_not_looked_for_in_a_shard(tmp_path):
    source = write_recordings(tmp_path / "in")
    words = ("curate", source, "-o", tmp_path / "out", "--dedup", "near", "--shard", "0/2")
    assert audio(*words) == 2
    assert not (tmp_path / "out").exists()
