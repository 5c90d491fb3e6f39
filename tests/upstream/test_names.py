"""The table of names in the page for those who come from NeMo Curator is true."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from curator_engine.compat import offers

PAGE = Path(__file__).parents[2] / "docs/coming-from-nemo-curator.md"
TABLE = PAGE.read_text(encoding="utf-8").partition("## Names\n")[2]
ROWS = re.findall(r"^\| `([\w.]+)` \| (.+) \| `(curator_[\w.]+)` \|$", TABLE, re.MULTILINE)
NAMES = [
    (f"nemo_curator.{path}", name, home, ours or name)
    for path, names, home in ROWS
    for name, ours in re.findall(r"`(\w+)`(?: \(`(\w+)`\))?", names)
]


@pytest.mark.parametrize(("path", "name", "home", "ours"), NAMES)
def test_a_name_of_the_table_is_offered_from_there(path, name, home, ours):
    assert offers()[path][name] == (home, ours)
    assert getattr(import_module(home), ours) is not None


def test_the_table_has_the_names_of_a_first_script():
    first = {"Pipeline", "ProcessingStage", "Resources", "DocumentBatch", "JsonlReader"}
    assert first <= {name for _, name, _, _ in NAMES}
