"""Documents and runs for tests of the jobs that change texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from text_toys import write_jsonl

from curator_engine.executors.local import LocalExecutor
from curator_text.modifiers.doc_modifier import DocumentModifier
from curator_text.modifiers.recipe import CleaningRecipe
from curator_text.pipelines.clean import CleanWorkflow
from curator_text.settings import CleanSettings


@dataclass(frozen=True, kw_only=True)
class Without(DocumentModifier):
    """Takes a letter out of texts, unless a file says that the machine is broken."""

    letter: str = "x"
    broken: str = ""

    @property
    def name(self) -> str:
        """The letter."""
        return f"no_{self.letter}"

    def modify_document(self, text: str) -> str:
        """The text without the letter."""
        if self.broken and "5" in text and Path(self.broken).exists():
            raise OSError("the machine is broken")
        return text.replace(self.letter, "")


def toy_recipe(broken: str = "") -> CleaningRecipe:
    """No x, then no y."""
    return CleaningRecipe(name="toy", modifiers=(Without(broken=broken), Without(letter="y")))


ROWS = [
    {
        "id": f"d{i}",
        "site": "ab"[i % 2],
        "text": ["plain", "x-y", "xy", "y"][i % 4] + str(i) * (i % 4 < 2),
    }
    for i in range(60)
]
"""One in four stays as it is, one changes by both rules, one ends empty by both, one by the second."""


def cleaned(text: str) -> str:
    """What the toy recipe makes of a text."""
    return text.replace("x", "").replace("y", "")


def corpus_with_bad_rows(folder: Path) -> Path:
    """Files of lines and of Parquet, with a bad line, rows without text and a file that is none."""
    write_jsonl(folder / "a.jsonl", [*ROWS[:20], {"id": "none", "text": None}])
    with (folder / "a.jsonl").open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    write_jsonl(folder / "sub/b.jsonl", ROWS[20:40])
    pq.write_table(pa.Table.from_pylist(ROWS[40:]), folder / "c.parquet", row_group_size=7)
    (folder / "d.jsonl.gz").write_bytes(b"no gzip")
    return folder


def clean_into(
    source: Path | str, out: Path | str, *, recipe: CleaningRecipe | None = None, **settings: Any
) -> dict[str, Any]:
    """Run the workflow; its facts."""
    given = CleanSettings(inputs=[str(source)], output=str(out), **settings)
    workflow = CleanWorkflow(settings=given, own_recipe=recipe or toy_recipe())
    executor = LocalExecutor({"workers": 1, "on_error": "quarantine"})
    return workflow.run(executor).metadata
