"""The classifiers that are known by a name: which model, how much of a text it sees, what its columns are called.

Nothing heavy is imported here.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from curator_text.models.guard_files import AEGIS_VARIANTS, INSTRUCTION_DATA_GUARD
from curator_text.models.prompt_scores import PROMPT_FIELDS, TASK_FIELDS

type Head = Literal["labels", "score", "prompt", "auto"]

LABELS_FIELDS = {"label": pa.string(), "prob": pa.float64()}
_SCORE_FIELDS = {"label": pa.string(), "float": pa.float64(), "int": pa.int64()}
_DEBERTA_CHARS, _MOST_TOKENS = 6000, 512
AEGIS_CHARS = 6000
HALF = 0.5
"""From where on a text is of a class of two."""
SCORE_LABELS = ("high_quality", "low_quality")
"""Of a classifier that gives a score."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A classifier."""

    model: str
    """Its id on the hub."""
    head: Head
    columns: dict[str, str] = field(default_factory=dict[str, str])
    """What its answers are called in rows: by `label`, `prob`, `float`, `int`."""
    max_chars: int | None = None
    """Characters of a text that it sees, from the beginning; None: no limit but that of tokens."""
    middle_chars: int | None = None
    """Characters of a text that it sees, from the middle."""
    max_seq_length: int | None = _MOST_TOKENS
    """Tokens that it sees; None: as many as the model takes."""

    @property
    def fields(self) -> dict[str, Any]:
        """The columns that rows get, with their types."""
        if self.head == "prompt":
            texts = TASK_FIELDS[:2]
            kinds = {name: pa.string() if name in texts else pa.float64() for name in PROMPT_FIELDS}
            return dict(kinds)
        known = _SCORE_FIELDS | LABELS_FIELDS
        return {name: known[role] for role, name in self.columns.items()}

    @property
    def label_field(self) -> str:
        """The column that `--filter-by` looks at."""
        return self.columns.get("label", "task_type_1")


def _labels(model: str, name: str, max_chars: int) -> Kind:
    # Only the tokenizer's own limit, as NeMo Curator has it.
    columns = {"label": f"{name}_pred", "prob": f"{name}_prob"}
    return Kind(
        model=model, head="labels", columns=columns, max_chars=max_chars, max_seq_length=None
    )


def _score(model: str, name: str) -> Kind:
    columns = {"label": f"{name}_label", "float": f"{name}_float", "int": f"{name}_int"}
    return Kind(model=model, head="score", columns=columns)


KINDS: dict[str, Kind] = {
    "domain": _labels("nvidia/domain-classifier", "domain", 2000),
    "multilingual-domain": _labels(
        "nvidia/multilingual-domain-classifier", "multilingual_domain", 2000
    ),
    "quality": _labels("nvidia/quality-classifier-deberta", "quality", _DEBERTA_CHARS),
    "content-type": _labels("nvidia/content-type-classifier-deberta", "content", _DEBERTA_CHARS),
    "fineweb-edu": _score("HuggingFaceFW/fineweb-edu-classifier", "fineweb_edu_score"),
    "fineweb-mixtral-edu": _score(
        "nvidia/nemocurator-fineweb-mixtral-edu-classifier", "fineweb_mixtral_edu_score"
    ),
    "fineweb-nemotron-edu": _score(
        "nvidia/nemocurator-fineweb-nemotron-4-edu-classifier", "fineweb_nemotron_edu_score"
    ),
    "finemath": Kind(
        model="HuggingFaceTB/finemath-classifier",
        head="score",
        columns={
            "label": "finemath_label",
            "float": "finemath_scores",
            "int": "finemath_int_scores",
        },
        middle_chars=20_000,
    ),
    "prompt-task-complexity": Kind(
        model="nvidia/prompt-task-and-complexity-classifier", head="prompt"
    ),
}
"""By the names of the command; NeMo Curator's models, limits and columns (`_` for `-`)."""
GUARDS = {"aegis": AEGIS_VARIANTS[0], "instruction-data-guard": INSTRUCTION_DATA_GUARD}
"""Those on Llama Guard, whose answers `guard_judges.py` names; by the names of the command, their ids on the hub."""
OTHER = Kind(
    model="",
    head="auto",
    columns={"label": "label", "prob": "label_prob"},
    max_seq_length=None,
)
"""Any sequence classifier of transformers with labels."""


def middle(text: str, chars: int) -> str:
    """The middle of a text: so many characters at most."""
    start = max(0, (len(text) - chars) // 2)
    return text[start : start + chars]
