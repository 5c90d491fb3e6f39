"""`curator-text explain` for a run that filters: which rule a document fails, and all of its scores."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.report.visible_text import visible
from curator_text.commands.named_documents import row_of
from curator_text.removal.document_tables import PLACE
from curator_text.removal.run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class RuleScore:
    """One score of a document."""

    name: str
    score: float
    least: float | None
    most: float | None

    @property
    def fails(self) -> bool:
        """Whether it is out of bounds."""
        return (self.least is not None and self.score < self.least) or (
            self.most is not None and self.score > self.most
        )

    @property
    def bounds(self) -> str:
        """As words."""
        parts = [f"at least {self.least:,.6g}"] if self.least is not None else []
        parts += [f"at most {self.most:,.6g}"] if self.most is not None else []
        return " and ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Filtered:
    """What is known of a document."""

    row: dict[str, Any]
    """Its row of `scores/`."""
    more: int
    """Further documents of the same id."""
    scores: list[RuleScore]
    """In the order of the recipe."""

    @property
    def failed(self) -> list[str]:
        """The rules that it fails, as far as their bounds tell."""
        return [e.name for e in self.scores if e.fails or e.name == self.row["rule"]]


def explain_filtered(folder: RunFolder, name: str) -> JobResult:
    """Why a document left or stayed.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.

    Raises:
        InputError: There is no such document.
    """
    found = find_filtered_document(folder, name)
    row, scores = found.row, found.scores
    summary = {
        **{column: row[column] for column in (*PLACE, "rule", "reason")},
        "status": "kept" if row["keep"] else "removed",
        "scores": {each.name: each.score for each in scores},
        "fails": found.failed,
        "more": found.more,
        "run": folder.path,
    }
    return JobResult(summary=summary, lines=_lines(folder, found))


def find_filtered_document(folder: RunFolder, name: str) -> Filtered:
    """The row of `scores/` of a document, and what the recipe says of it.

    Raises:
        InputError: There is no such document.
    """
    rules: list[dict[str, Any]] = folder.record.get("filters", [])
    columns = [*PLACE, "keep", "rule", "reason", *(rule["name"] for rule in rules)]
    row, more = row_of(folder, "scores", columns, name)
    scores = [
        RuleScore(name=r["name"], score=row[r["name"]], least=r["least"], most=r["most"])
        for r in rules
    ]
    return Filtered(row=row, more=more, scores=scores)


def _lines(folder: RunFolder, found: Filtered) -> list[str]:
    """What is printed, safe for a terminal."""
    row, scores = found.row, found.scores
    fate = (
        f"kept; it passes all {len(scores)} rules of {folder.settings.get('recipe', 'the recipe')}"
    )
    if not row["keep"]:
        only = " (with --score-only it stays)" if folder.settings.get("score_only") else ""
        fate = f"fails {row['rule']}: {row['reason']}{only}"
    lines = [
        visible(f"{row['id']}: {fate}"),
        visible(f"  lies in      {row['file']}, row {row['row']:,}"),
    ]
    if found.more:
        lines.append(f"  {found.more:,} more documents have this id; name one by FILE:ROW")
    width = max((len(each.name) for each in scores), default=0)
    for each in scores:
        mark = "  fails" if each.name in found.failed else ""
        bounds = f"  ({each.bounds})" if each.bounds else ""
        lines.append(f"  {each.name:<{width}}  {each.score:>10.4g}{bounds}{mark}")
    return lines
