from curator_audio.recordings.segment_table import SEGMENTS, id_of, segment_rows
from curator_audio.task import Segment


def test_a_row_has_the_span_the_scores_and_the_marks():
    segment = Segment(
        uuid="a", path="a.wav", start_s=1.0, end_s=2.5, text="hi", about={"source": "a.wav"}
    )
    segment.scores = {"snr": 12.0}
    segment.drop("noise", "snr 12 < 20")
    table = segment_rows([segment])
    assert table.schema.names == SEGMENTS.schema().names
    [row] = table.to_pylist()
    assert (row["start_s"], row["end_s"], row["text"], row["snr"]) == (1.0, 2.5, "hi", 12.0)
    assert (row["keep"], row["drop_stage"]) == (False, "noise")


def test_an_id_tells_borders():
    assert id_of("a", "b") != id_of("ab")
    assert len(id_of("\udc80")) == 24
