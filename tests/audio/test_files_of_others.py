"""Whatever lies in the folders and whatever is asked for: no file of others is touched."""

import pytest
from audio.runs import audio
from audio.sounds import sound_file, tone
from files_of_others import PLACES, READ, leaves_others_alone, trees
from hypothesis import given, settings
from hypothesis import strategies as st

SOUNDS = {
    "data/p.wav": sound_file(tone(0.3)),
    "data/list.jsonl": b'{"audio_filepath": "p.wav", "offset": 0.1, "duration": 0.1}\n',
    "home/r.flac": sound_file(tone(0.4), format="FLAC"),
    "data/t.jsonl": b'{"id": "a", "text": "to be", "pred_text": "two bee"}\n',
    "out/s.wav": sound_file(tone(0.2)),
}
CURATE = ["--cut", "whole", "--output-format"]
FIRST = {
    "curate flac": [*CURATE, "flac", "--limits=usual"],
    "curate wav": [*CURATE, "wav"],
    "curate none": [*CURATE, "none"],
    "vad": [],
    "wer": ["--by", "speaker"],
}
"""Commands that make runs, with their options."""
THEN = ["", "filter", "report", "shard"]
SLOW_FIRST, SLOW_THEN = {"diarize": [], "transcribe": []}, ["search", "dedup"]
"""Commands that load models, or compile."""


def commands(first, then):
    """What is called: a command that makes a run, and one that takes it."""
    choices = {
        "inputs": st.lists(
            st.sampled_from([*READ, "data/*.wav", "out/data", "data/list.jsonl", "data/t.jsonl"]),
            min_size=1,
            max_size=2,
        ),
        "output": st.sampled_from(PLACES),
        "how": st.sampled_from(["", "--resume", "--overwrite"]),
        "first": st.sampled_from([*first]),
        "more": st.sampled_from(["", "--dry-run"]),
        "then": st.sampled_from(then),
    }
    return st.fixed_dictionaries(choices)


def run(command):
    words = [command["first"].split()[0], *command["inputs"], "-o", command["output"]]
    words += [
        command["how"],
        command["more"],
        *(FIRST | SLOW_FIRST)[command["first"]],
        "--workers",
        "1",
    ]
    codes = [audio(*filter(None, words), "--max-rejected-ratio", "1")]
    then, output = command["then"], command["output"]
    more = {"filter": ["--where", "duration_s < 0.3", "--apply"], "shard": ["shards"]}
    more |= {"search": ["home/r.flac"], "dedup": ["--apply", "--workers", "1"]}
    if then:
        codes.append(audio(then, output, *more.get(then, [])))
    return codes


def cases(first, then):
    return (trees(), st.lists(commands(first, then), min_size=1, max_size=2), trees())


@settings(max_examples=12, derandomize=True)
@given(*cases(FIRST, THEN))
def test_no_file_of_others_is_touched(tree, commands, later):
    leaves_others_alone(run, commands, tree, later, own=SOUNDS)


@pytest.mark.long
@settings(max_examples=300)
@given(*cases(FIRST | SLOW_FIRST, THEN + SLOW_THEN))
def test_no_file_of_others_is_touched_in_many_ways(tree, commands, later):
    leaves_others_alone(run, commands, tree, later, own=SOUNDS)
