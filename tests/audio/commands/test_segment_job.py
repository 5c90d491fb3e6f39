from audio.runs import audio, lines_of


def test_a_run_can_be_the_input_of_another(finished_segments, tmp_path):
    words = ("curate", finished_segments, "-o", tmp_path / "out", "--cut", "whole")
    assert audio(*words, "--output-format", "none", "--workers", "1") == 0
    assert len(lines_of(tmp_path / "out/manifest.jsonl")) == 4
