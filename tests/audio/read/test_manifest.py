import json

from curator_audio.read.manifest import listed_audio


def rows_of(tmp_path, *rows):
    path = tmp_path / "l.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return list(listed_audio(str(path)))


def test_rows_of_nemo_name_a_span_and_a_text(tmp_path):
    row = {"audio_filepath": "d/a.wav", "offset": 1.5, "duration": 2, "text": "hello"}
    [found] = rows_of(tmp_path, row)
    assert (found.path, found.start_s, found.end_s) == (f"{tmp_path}/d/a.wav", 1.5, 3.5)
    assert (found.text, found.fields) == ("hello", row)


def test_a_length_without_an_offset_is_that_of_the_whole(tmp_path):
    [found] = rows_of(tmp_path, {"audio_filepath": "/a.wav", "duration": 2})
    assert (found.start_s, found.end_s) == (0.0, None)


def test_cuts_of_lhotse_are_read(tmp_path):
    cut = {
        "id": "a-0",
        "start": 0.5,
        "duration": 1.0,
        "supervisions": [{"text": "good"}, {"text": "day"}],
        "recording": {"sources": [{"type": "file", "source": "a.flac"}]},
        "type": "MonoCut",
    }
    [found] = rows_of(tmp_path, cut)
    assert (found.path, found.end_s, found.text) == (f"{tmp_path}/a.flac", 1.5, "good day")
    sources = [{"type": "file", "source": "a.flac"}]
    [found] = rows_of(tmp_path, {"id": "a", "sources": sources, "duration": 3.0})
    assert (found.path, found.end_s) == (f"{tmp_path}/a.flac", None)


def test_what_names_no_recording_has_a_problem(tmp_path):
    row = {"audio_filepath": "a.wav", "offset": -1, "duration": 2}
    problems = [each.problem for each in rows_of(tmp_path, {"text": "a"}, [1], row)]
    assert problems[0].startswith("its row has none of audio_filepath")
    assert problems[1:] == ["its line is no JSON object", "its span of 2.0 s from -1.0 s is none"]


def test_csv_has_numbers_too(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("path,offset,duration,sentence\na.wav,1,0.5,hi\n", encoding="utf-8")
    [found] = listed_audio(str(path))
    assert (found.start_s, found.end_s, found.text) == (1.0, 1.5, "hi")
