"""What commands say of a run that changes texts; tests/text/commands/test_clean.py types one."""

from curator_engine.commands.cli import Console
from curator_text.commands.clean import Clean
from curator_text.settings import CleanSettings

FACTS = {
    "num_documents": 10,
    "changed": 4,
    "documents": {"a": 4, "b": 0, "c": 1},
    "met": {"a": 9, "b": 0, "c": 1},
    "dropped": {"c": 1, "empty": 2},
}


def job():
    return Clean(settings=CleanSettings(inputs=["x"], output="y"), console=Console())


def test_rules_that_met_nothing_are_not_named_and_other_reasons_are():
    assert job().after(FACTS) == [
        "  a: 4 (40.0%)",
        "  c: 1 (10.0%), 1 dropped",
        "  empty: 2 dropped",
    ]


def test_the_summary_tells_edits_from_removals():
    assert job().more(FACTS) == {
        "changed": 4,
        "edited": {"a": 4, "c": 1},
        "rules": {"c": 1, "empty": 2},
    }
