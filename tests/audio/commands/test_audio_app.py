import json

from audio.runs import audio, copied, data, kept, lines_of, rows_of


def test_files_lists_and_counts_follow_the_marks(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    assert audio("filter", run, "--where", "duration_s > 1", "--apply") == 0
    assert kept(run) == {"loud.wav", "stereo.wav"}
    before = data(finished_segments)
    assert data(run) == {
        name: before[name] for name in (row["path"][5:] for row in rows_of(run) if row["keep"])
    }
    assert len(lines_of(run / "manifest.jsonl")) == 2
    facts = json.loads((run / "run.json").read_text(encoding="utf-8"))["facts"]
    assert (facts["kept"], facts["dropped"], facts["unreadable"]) == (2, 3, 1)


def test_what_was_dropped_comes_back_but_not_what_cannot_be_read(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    assert audio("filter", run, "--where", "duration_s > 0", "--restore", "--apply") == 0
    assert kept(run) == kept(finished_segments) | {"quiet.flac"}
    assert len(data(run)) == 5
