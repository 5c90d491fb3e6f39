import json

from audio.runs import ALONE, audio
from pages import SCRIPT

from curator_audio.report.wer_page import build_wer_page


def test_the_page_shows_speakers_and_marked_errors(tmp_path):
    rows = [
        {"id": SCRIPT, "text": "to be or not", "pred_text": "to be a knot", "speaker": "one"},
        {"id": "b", "text": "that is it", "pred_text": "that is it", "speaker": SCRIPT},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert audio("wer", tmp_path / "in.jsonl", "-o", tmp_path / "out", *ALONE) == 0
    shown = build_wer_page(str(tmp_path / "out"))
    assert "to be <del>or not</del> <ins>a knot</ins>" in shown
    assert "<h2>By speaker</h2>" in shown
    assert "<h2>By source</h2>" not in shown
    assert "<script" not in shown
