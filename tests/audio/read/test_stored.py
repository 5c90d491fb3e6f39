import json

import pyarrow as pa
import pyarrow.parquet as pq
from audio.sounds import sound_file, tone

from curator_audio.read.stored import kind_of, stored_audio

WAV = sound_file(tone(0.1))


def test_a_file_is_known_by_its_contents(tmp_path):
    (tmp_path / "a.txt").write_bytes(WAV)
    (tmp_path / "b.odd").write_text('{"audio_filepath": "a.txt"}\n', encoding="utf-8")
    assert [kind_of(f"{tmp_path}/{n}") for n in ("a.txt", "b.odd")] == ["recording", "list"]


def test_a_recording_lies_where_its_file_does(tmp_path):
    (tmp_path / "a.wav").write_bytes(WAV)
    [found] = stored_audio(f"{tmp_path}/a.wav")
    assert (found.place, found.source, found.is_span) == (found.path, found.path, False)
    assert len(found.sha256) == 64


def test_rows_of_a_list_lie_in_it(tmp_path):
    rows = [{"audio_filepath": "a.wav", "offset": 0.5, "duration": 1}, {}, {"text": "b"}]
    text = "\n".join(map(json.dumps, rows))
    (tmp_path / "l.jsonl").write_text(text, encoding="utf-8")
    first, *_, last = stored_audio(f"{tmp_path}/l.jsonl")
    assert (first.place, first.is_span) == (f"{tmp_path}/l.jsonl#0", True)
    assert last.problem
    assert not last.sha256


def test_a_file_that_is_gone_is_one_with_a_problem(tmp_path):
    [found] = stored_audio(f"{tmp_path}/a.wav")
    assert "No such file" in found.problem


def test_rows_of_a_table_hold_their_recordings(tmp_path):
    rows = [{"audio": {"bytes": WAV, "path": "a.wav"}, "text": "one"}, {"audio": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    first, last = stored_audio(f"{tmp_path}/t.parquet")
    assert (first.place, first.source, first.text) == (f"{tmp_path}/t.parquet#0", WAV, "one")
    assert (last.member, last.problem) == ("1", "its row has no recording")
    assert kind_of(f"{tmp_path}/t.parquet") == "table"
