from audio.runs import audio

from curator_audio.commands.wer import Wer
from curator_audio.settings import WerSettings
from curator_engine.commands.cli import Console

FACTS = {
    "items": 3,
    "words": 10,
    "substitutions": 1,
    "deletions": 1,
    "insertions": 0,
    "wer": 0.2,
    "characters": 40,
    "cer": None,
    "agreement": 0.8,
    "without_errors": 1,
    "not_compared": {"no hypothesis": 2},
    "unused_references": 1,
    "quarantined": 0,
    "total_time": 1.0,
}


def test_rates_and_what_they_leave_out_are_said():
    job = Wer(settings=WerSettings(inputs=["in"], output="out"), console=Console())
    found = job.result(FACTS)
    assert (
        found.lines[0]
        == "word errors 20.00% of 10 words (1 substitution, 1 deletion, 0 insertions)"
    )
    assert "2 rows with no hypothesis are not in the rates" in found.lines
    assert "1 references of which there is no transcript are not in the rates" in found.lines
    assert (found.summary["wer"], found.exit_code) == (0.2, 0)


def test_a_field_that_is_a_column_of_the_result_is_refused(tmp_path, capsys):
    assert audio("wer", tmp_path, "-o", tmp_path / "out", "--by", "wer") == 2
    assert capsys.readouterr().err.count("\n") == 1
