from curator_audio.task import AudioTask
from curator_audio.transcripts.words_by_speaker import (
    MergeAlignmentDiarizationStage,
    add_non_speaker_segments,
)


def word(text, start, end):
    return {"word": text, "start": start, "end": end}


def texts(segments, *words):
    task = AudioTask(data={"segments": segments, "alignment": list(words)})
    return [
        each["text"] for each in MergeAlignmentDiarizationStage().process(task).data["segments"]
    ]


def turns(*spans):
    return [{"start": start, "end": end, "speaker": str(start)} for start, end in spans]


def test_a_word_goes_where_it_shares_most_time():
    words = word("so", 0.1, 0.4), word("it", 0.8, 1.3), word("is", 0.9, 1.05), word("x", 2.2, 2.4)
    assert texts(turns((0, 1), (1, 2)), *words) == ["so is", "it"]


def test_segments_keep_their_order_and_words_theirs():
    assert texts(turns((1, 2), (0, 1)), word("b", 1.1, 1.2), word("a", 0.1, 0.2)) == ["b", "a"]


def test_an_entry_without_words_stays():
    task = AudioTask(data={"segments": turns((0, 1))})
    assert "text" not in MergeAlignmentDiarizationStage().process(task).data["segments"][0]


def test_gaps_are_filled():
    segments = turns((1.0, 2.0), (2.0, 3.0))
    add_non_speaker_segments(segments, 4.5, max_length=1.0)
    spans = [(each["start"], each["end"]) for each in segments if each["speaker"] == "no-speaker"]
    assert spans == [(0.0, 1.0), (3.0, 4.0), (4.0, 4.5)]
