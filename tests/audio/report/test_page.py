import json

from audio.runs import ALONE, audio
from audio.sounds import sound_file, tone
from pages import ATTACK, Page

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


def test_a_browser_shows_the_numbers_and_runs_no_script(browser, tmp_path):
    (tmp_path / "a.wav").write_bytes(sound_file(tone(0.5)))
    row = {"audio_filepath": "a.wav", "text": f"<script>{ATTACK}</script> words"}
    (tmp_path / "list.jsonl").write_text(json.dumps(row), encoding="utf-8")
    words = ("curate", tmp_path / "list.jsonl", "-o", tmp_path / "out", "--cut", "whole", *ALONE)
    assert audio(*words) == 0
    shown = Page(browser(tmp_path / "out/report.html", tmp_path / "profile"))
    assert not shown.is_harmed
    assert (shown.numbers["recordings"], shown.numbers["kept"]) == (1, 1)
    assert "<script>" in shown.text
