"""Standard input as a file, for as long as a command runs."""

import bz2
import io
from pathlib import Path

import pytest
from toy_workflow import LineSettings

from curator_engine.commands.standard_input import STDIN, with_standard_input
from curator_engine.errors import InputError

LINE = b'{"text": "a"}\n'


@pytest.fixture
def piped(monkeypatch, tmp_path):
    """A function that gives settings for bytes that are piped in."""

    def pipe(data, inputs=(STDIN,), **given):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        return LineSettings(inputs=list(inputs), output="out", **given)

    return pipe


@pytest.mark.parametrize(
    ("data", "file_format", "name"),
    [
        (LINE, "auto", "stdin.jsonl"),
        (bz2.compress(LINE), "auto", "stdin.jsonl.bz2"),
        (b"PAR1", "auto", "stdin.parquet"),
        (b"text\na\n", "csv", "stdin.csv"),
        (bz2.compress(b"text\na\n"), "csv", "stdin.csv.bz2"),
        (b"anything", "text", "stdin.txt"),
    ],
)
def test_it_is_a_file_of_its_format_and_goes_at_the_end(piped, data, file_format, name):
    with with_standard_input(piped(data, ["a.jsonl", STDIN]), file_format) as settings:
        first, file = settings.inputs
        assert (first, Path(file).name) == ("a.jsonl", name)
        assert Path(file).read_bytes() == data
    assert not Path(file).parent.exists()


@pytest.mark.parametrize(
    ("data", "inputs", "given", "reason"),
    [
        (b"", [STDIN], {}, "is empty"),
        (b"text\na\n", [STDIN], {}, "add --format csv or --format text"),
        (b'[{"text": "a"}]', [STDIN], {}, "standard input is one JSON array"),
        (LINE, [STDIN, STDIN], {}, "named twice"),
        (LINE, [STDIN], {"resume": True}, "--resume cannot go on with it"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(piped, data, inputs, given, reason):
    settings = piped(data, inputs, **given)
    with pytest.raises(InputError, match=reason), with_standard_input(settings, "auto"):
        pass


def test_other_inputs_and_jobs_are_left_alone(piped):
    settings = piped(LINE, ["a.jsonl"])
    with with_standard_input(settings, "auto") as same:
        assert same is settings
    settings = piped(LINE)
    with with_standard_input(settings, "video") as same:
        assert same is settings
