from curator_audio.report.page import build_page


def test_the_page_shows_counts_sounds_and_reasons(finished_segments):
    page = build_page(str(finished_segments))
    assert '<data id="recordings" value="6">' in page
    assert page.count('<audio controls preload="none" src="data:audio/mpeg;base64,') == 5
    assert "loudness" in page
    assert "media-src data:" in page
    assert "<script" not in page


def test_the_page_is_whole_without_the_input(finished_segments, tmp_path):
    from audio.runs import copied

    from curator_audio.recordings.segment_table import SEGMENTS

    run = copied(finished_segments, tmp_path)
    table = SEGMENTS.read(str(run))
    for name in ("file", "audio"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), [["gone.wav"] * table.num_rows])
    SEGMENTS.write(str(run), table)
    page = build_page(str(run))
    assert "<audio" not in page
    assert "stereo.wav" in page
