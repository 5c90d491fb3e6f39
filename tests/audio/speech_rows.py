"""A table of segments of a talk of two people, as a run leaves it."""

import json

from curator_audio.recordings.segment_table import segment_rows
from curator_audio.task import Segment


def heard(name, start, end, said, **more):
    """A segment of a recording, with what was heard in it."""
    about = {"recording": name, "source": name, "file": name, "place": name, "member": ""}
    about |= {"position": 0, "recording_s": 6.0, "transcript": said, **more}
    if said:
        about["words"] = json.dumps([[word, 0.0, 0.5] for word in said.split()])
    return Segment(
        uuid=f"{name} {start}", path=name, start_s=start, end_s=end, text="", about=about
    )


def turns(*spans):
    """Turns as the column has them."""
    return json.dumps(spans)


def talk():
    """Rows of two recordings; of the first the text is known, and one speaker begins twice."""
    first = heard(
        "in/a talk.wav",
        0.0,
        2.0,
        "Good day.",
        recording_text="good day to all",
        language="en",
        recogniser="ear",
        turns=turns([0.0, 1.0, "speaker_0"], [1.1, 2.0, "speaker_0"]),
        overlaps="[[0.5, 1.0]]",
        speaker="speaker_0",
    )
    second = heard(
        "in/a talk.wav", 3.0, 5.0, "To all!", language="en", turns=turns([3.0, 5.0, "speaker_1"])
    )
    other = heard("in/b.wav", 1.0, 2.0, None)
    other.errors["transcribe"] = "gone"
    return segment_rows([first, second, other])
