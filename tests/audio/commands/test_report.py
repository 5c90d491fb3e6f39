from audio.runs import audio, copied


def test_the_page_is_written_again(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    (run / "report.html").unlink()
    assert audio("report", run) == 0
    assert "<h1>Segments</h1>" in (run / "report.html").read_text(encoding="utf-8")
