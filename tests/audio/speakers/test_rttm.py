import pytest

from curator_audio.speakers.rttm import parse_rttm, rttm_lines
from curator_audio.speakers.turns import Turn
from curator_engine.errors import DamagedFileError

TURNS = [Turn(start_s=0.5, end_s=2.0, speaker="a b"), Turn(start_s=2.25, end_s=3.0, speaker="c")]


def test_turns_become_lines_and_lines_turns():
    text = rttm_lines("my talk", reversed(TURNS))
    assert text.splitlines()[0] == "SPEAKER my_talk 1 0.500 1.500 <NA> <NA> a_b <NA> <NA>"
    found = parse_rttm(f";; note\n\nSPKR-INFO x\n{text}", where="x.rttm")
    assert found == {"my_talk": [Turn(start_s=0.5, end_s=2.0, speaker="a_b"), TURNS[1]]}


@pytest.mark.parametrize(
    "line", ["SPEAKER x 1 0.5", "SPEAKER x 1 a 1 <NA> <NA> s", "SPEAKER x 1 -1 1 <NA> <NA> s"]
)
def test_a_damaged_line_is_named(line):
    with pytest.raises(DamagedFileError, match=r"x\.rttm, line 2"):
        parse_rttm(f"\n{line}\n", where="x.rttm")
