"""Whatever lies in the folders and whatever is asked for: no file of others is touched."""

import json
import tempfile
from pathlib import Path

import pytest
from classify_toys import write_linear
from files_of_others import PLACES, READ, leaves_others_alone, trees
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_engine.commands.cli import run_app
from curator_text.cli import JOBS

JOB_FILE = Path(__file__).parent / "three_steps.yaml"
MODEL = write_linear(Path(tempfile.mkdtemp(prefix="curator-test-model-")))
PLAIN = {
    "filter": "filter",
    "langid": "langid",
    "classify": "classify",
    "embed": "embed",
    **dict.fromkeys(
        [
            "clean",
            "decontaminate",
            "generate",
            "lines",
            "pii",
            "substring",
            "extract",
            "train",
            "tokenize",
            "interleaved",
            "download",
            "blend",
        ],
        "plain",
    ),
}
"""Which of the options below a job takes; those of deduplication unless it is here."""
COMMANDS = st.fixed_dictionaries(
    {
        "job": st.sampled_from(
            [
                *("exact", "filter", "filter", "fuzzy", "decontaminate", "langid", "substring"),
                *(
                    "clean",
                    "classify",
                    "embed",
                    "generate",
                    "lines",
                    "pii",
                    "train",
                    "run",
                    "extract",
                    "tokenize",
                    "interleaved",
                    "download",
                    "blend",
                ),
            ]
        ),
        "inputs": st.lists(st.sampled_from(READ), min_size=1, max_size=2),
        "output": st.sampled_from(PLACES),
        "how": st.sampled_from(["", "--resume", "--overwrite"]),
        "cache": st.none() | st.sampled_from(PLACES),
        "index": st.none() | st.sampled_from(PLACES),
        "more": st.sampled_from(["", "--ids-only", "--mark", "--dry-run"]),
        "filter": st.sampled_from(["", "--score-only", "--dry-run"]),
        "plain": st.sampled_from(["", "--dry-run"]),
        "langid": st.sampled_from(["", "--dry-run", "--split-by-language", "--keep=en"]),
        "embed": st.sampled_from(["", "--dry-run", "--keep-text"]),
        "classify": st.sampled_from(["", "--dry-run", "--filter-by=good"]),
        "against": st.sampled_from(PLACES),
        "scores": st.none() | st.sampled_from(PLACES),
    }
)


def words_of(command):
    if command["job"] == "run":
        return words_of_run(command)
    words = [command["job"], *command["inputs"], "-o", command["output"], command["how"]]
    if command["job"] == "download":
        # No text is an address, so nothing is asked of anybody.
        words[1:1] = ["urls"]
        words += ["--url-field", "text"]
    words += ["--model", MODEL] if command["job"] == "classify" else []
    if command["job"] == "extract":
        words += ["--html-field", "text", "--extractor", "resiliparse"]
    elif command["cache"] and command["job"] != "train":
        words += ["--cache", command["cache"]]
    # Which process does it is nothing to files, and to start one takes longer than all else.
    words += ["--workers", "1"] if command["job"] == "interleaved" else []
    if command["index"] and command["job"] == "fuzzy":
        words += ["--save-index", command["index"]]
    if command["scores"] and command["job"] == "filter":
        words += ["--scores", command["scores"]]
    if command["job"] == "decontaminate":
        words += ["--against", command["against"]]
    if command["job"] == "generate":
        words += ["--endpoint", "http://127.0.0.1:9/v1", "--model", "tiny", "--retries", "0"]
    more = command[PLAIN.get(command["job"], "more")]
    return [word for word in [*words, more, "--quiet"] if word]


def words_of_run(command):
    """A run of three steps, whose job file lies elsewhere."""
    words = ["run", str(JOB_FILE), "--set", f"input={json.dumps(command['inputs'])}"]
    words += ["-o", command["output"], *([command["how"]] if command["how"] else [])]
    words += ["--set", f"exact.cache={command['cache']}"] if command["cache"] else []
    words += ["--set", f"fuzzy.save_index={command['index']}"] if command["index"] else []
    more = {"--mark": ["--set", "fuzzy.mark=true"], "--ids-only": ["--drop-steps"]}
    return [
        *words,
        *more.get(command["more"], [command["more"]] if command["more"] else []),
        "--quiet",
    ]


def run(command):
    return [run_app("curator-text", JOBS, version="1", argv=words_of(command))]


CASES = (trees(), st.lists(COMMANDS, min_size=1, max_size=3), trees())


@settings(max_examples=60, derandomize=True)
@given(*CASES)
def test_no_file_of_others_is_touched(tree, commands, later):
    leaves_others_alone(run, commands, tree, later, codes=(0, 1, 2, 3))


@pytest.mark.long
@settings(max_examples=1000)
@given(*CASES)
def test_no_file_of_others_is_touched_in_many_ways(tree, commands, later):
    leaves_others_alone(run, commands, tree, later, codes=(0, 1, 2, 3))
