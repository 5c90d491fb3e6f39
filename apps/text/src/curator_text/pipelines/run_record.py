"""The record that a deduplication workflow leaves: `run.json`, and the page made from it."""

import json
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any

from curator_engine.errors import StorageError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, remove_tree, remove_unfinished, write_atomic
from curator_engine.redaction import redacted
from curator_engine.running.run_report import RunReport
from curator_text.report.page import try_report


def upstream_times(seconds: Mapping[str, float]) -> dict[str, float]:
    """Seconds of the steps under NeMo Curator's names."""
    lsh = sum(seconds.get(name, 0.0) for name in ("exact", "buckets", "crowds"))
    return {
        "minhash_time": seconds.get("sign", 0.0),
        "lsh_time": round(lsh, 3),
        "connected_components_pipeline_time": seconds.get("components", 0.0),
    }


def save_record(
    output: str, record: Mapping[str, Any], reports: Mapping[str, RunReport]
) -> str | None:
    """Write `run.json`, and `report.html` when there is something to show.

    Args:
        output: The run's folder.
        record: `job`, `version`, `status`, `key`, `settings`, `facts`, and what the job adds.
        reports: The report of each step that ran.

    Returns:
        A line that says why there is no page, if it could not be written.

    Raises:
        StorageError: `run.json` cannot be written.
    """
    steps = {name: report.to_dict() for name, report in reports.items()}
    data = json.dumps(redacted({**record, "steps": steps}), indent=1).encode()
    # A full disk has already been reported by what met it first.
    with suppress(StorageError) if record["status"] == "failed" else nullcontext():
        write_atomic(join(output, "run.json"), data)
        return try_report(output) if "num_duplicates" in record["facts"] else None
    return None


def tidy_up(output: str, cache_path: str | None) -> str | None:
    """Do what a run did not come to that was killed in its last moments, with its result complete.

    Args:
        output: The run's folder.
        cache_path: The cache that is to be kept, if one is.

    Returns:
        A line that says why there is no page, if it could not be written.
    """
    if cache_path is None:
        remove_tree(join(output, ".cache"))
    remove_unfinished(output)
    return None if exists(join(output, "report.html")) else try_report(output)
