import pytest
import soundfile
from audio.runs import ALONE, audio, lines_of, rows_of, write_recordings


def test_both_lists_name_the_kept_segments_in_their_order(finished_segments):
    entries = lines_of(finished_segments / "manifest.jsonl")
    cuts = lines_of(finished_segments / "cuts.jsonl")
    wanted = [row["uuid"] for row in rows_of(finished_segments) if row["keep"]]
    assert [each["segment_id"] for each in entries] == wanted
    assert [each["id"] for each in cuts] == wanted
    for entry, cut in zip(entries, cuts, strict=True):
        found = soundfile.info(finished_segments / entry["audio_filepath"])
        assert abs(found.duration - entry["duration"]) < 1e-6
        assert cut["recording"]["num_samples"] == found.frames
        assert cut["recording"]["sources"][0]["source"] == entry["audio_filepath"]
        assert cut["type"] == ("MonoCut" if found.channels == 1 else "MultiCut")


def test_without_files_the_lists_name_spans_of_the_input(tmp_path):
    folder = write_recordings(tmp_path / "in")
    out = tmp_path / "out"
    words = ("--output-format", "none", *ALONE)
    assert audio("curate", folder / "list.jsonl", "-o", out, "--cut", "whole", *words) == 0
    first, second = lines_of(out / "manifest.jsonl")
    assert first["audio_filepath"] == f"{folder}/loud.wav"
    assert (first["offset"], first["duration"], first["text"]) == (0.25, 0.5, "one")
    cut = lines_of(out / "cuts.jsonl")[1]
    assert (cut["start"], cut["duration"], cut["channel"]) == (second["offset"], 0.75, 0)
    assert not (out / "data").exists()


@pytest.mark.long
def test_lhotse_reads_the_cuts(finished_segments, monkeypatch):
    lhotse = pytest.importorskip("lhotse")
    monkeypatch.chdir(finished_segments)
    cuts = list(lhotse.CutSet.from_jsonl("cuts.jsonl"))
    assert [cut.load_audio().shape[0] for cut in cuts] == [cut.num_channels for cut in cuts]
