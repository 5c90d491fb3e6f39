"""What a run could not read: how many rows, of which files, and why; from its quarantine."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from curator_engine.counted import counted
from curator_engine.failures import Quarantine
from curator_engine.files.paths import join
from curator_engine.files.storage import list_folders

_REASONS_SHOWN = 3
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What is in quarantine."""

    rows: int
    """Rows that could not be read, each by itself."""
    files: int
    """Files of which all or the rest could not be read; how many rows that are is not known."""
    reasons: dict[str, int]
    """How often each reason was given, whatever the numbers in it; the most frequent first."""

    def facts(self) -> dict[str, Any]:
        """As they stand in `run.json`."""
        return {"lost_rows": self.rows, "lost_files": self.files, "lost_reasons": self.reasons}


def lost_rows(output: str, *, of: Collection[str] | None = None) -> Lost:
    """Look through the quarantine of a run.

    Args:
        output: The run's folder.
        of: The steps that count, where earlier runs have left theirs in it; all unless given.
    """
    folder = join(output, "quarantine")
    names = [name for name in list_folders(folder) if of is None or name in of]
    steps = [Quarantine(join(folder, name)) for name in names]
    rows, files = 0, set[str]()
    counts, first = Counter[str](), dict[str, str]()

    def note(reason: str, count: int) -> None:
        # The same reason stands at another character of each line.
        kind = _NUMBER.sub("#", reason)
        counts[kind] += count
        first.setdefault(kind, reason)

    for record in (each for step in steps for each in step.iter_rows()):
        if record.get("rest"):
            files.add(str(record["file"]))
        else:
            rows += int(record["rows"])
        note(str(record["reason"]), int(record["rows"]))
    for failure in (each for step in steps for each in step.failures()):
        files.update(failure.files)
        note(failure.error, 1)
    return Lost(
        rows=rows, files=len(files), reasons={first[kind]: n for kind, n in counts.most_common()}
    )


def lost_lines(facts: dict[str, Any], output: str) -> list[str]:
    """The lines that a command prints about it: how much, the first reasons, where to look; [] if all was read."""
    if not facts.get("quarantined"):
        return []
    rows, files = facts.get("lost_rows", facts["quarantined"]), facts.get("lost_files", 0)
    parts = [counted(rows, "rows")] if rows or not files else []
    if files:
        parts.append(f"{counted(files, 'files')} that cannot be read to the end")
    reasons = list(facts.get("lost_reasons", {}).items())
    why = [f"{reason} ({count:,})" for reason, count in reasons[:_REASONS_SHOWN]]
    if len(reasons) > _REASONS_SHOWN:
        why.append(f"and {counted(len(reasons) - _REASONS_SHOWN, 'more reasons')}")
    return [
        f"{' and '.join(parts)} in quarantine: see {join(output, 'quarantine')}",
        *(f"  {each}" for each in why),
    ]
