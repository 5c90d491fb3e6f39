from audio.runs import audio, rows_of


def test_without_apply_nothing_is_changed(finished_segments):
    before = rows_of(finished_segments)
    assert audio("filter", finished_segments, "--where", "snr > 1000") == 0
    assert rows_of(finished_segments) == before
