"""The folders that a deduplication run takes: its output, its cache, the index that it adds to.

What earlier versions wrote there, which kept no manifest, is known here by its names.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import pyarrow.parquet as pq

from curator_engine.files.earlier import Earlier, earlier_run, matching
from curator_engine.files.output_folder import is_held, take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.running.run_record import replaced
from curator_engine.stages.files import find_inputs
from curator_text.dedup.index import is_index
from curator_text.version import __version__

_logger = logging.getLogger(__name__)

_CACHE = (
    r"checkpoint/\w+/done/\w+/[0-9a-f]{12}/([^/]+\.json|begun\.txt)",
    r"(embeddings|hash|met|sign)/[0-9a-f_]+\.[\w.]+",
    r"(components|drops)/\d+\.npz",
    r"(gather|marks)/[0-9a-f_]+\.arrow",
    r"(pairs(/crowds)?|screened)/[\w.-]+\.int64",
    r"kmeans_results/(centroid=\d+/)?[0-9a-f_]+\.[\w.]+",
    r"pairwise_results/cluster_\d+\.parquet",
    r"(bands|compared|corpus)\.json|(exact|listed)\.npz|(drops|members)\.npy|searched\.int64",
)
_OUTPUT = (
    r"(clusters|removed)/[\w-]+\.parquet",
    r"quarantine/\w+/(rows|tasks)/[^/]+\.jsonl?",
    r"events\.jsonl|report\.html|(files|sources)\.parquet",
    *(rf"\.cache/{pattern}" for pattern in _CACHE),
)


def take_folders(
    output: str,
    cache: str | None,
    *,
    job: str,
    inputs: Sequence[str],
    settings: Mapping[str, Any],
    index: str | None = None,
) -> ExitStack:
    """Take what a workflow writes into; leave the returned context to give it back.

    Args:
        output: The output folder.
        cache: The cache, if it is not in the output folder.
        job: As in `run.json`.
        inputs: Files and folders that are read.
        settings: Those of the run; what it takes the place of is logged as a warning, unless a
            command has the folder and has said so.
        index: The index that is added to.

    Raises:
        InputError: A folder is not ours, overlaps the input, or another run writes into it.
    """
    is_commands = is_held(output)
    with ExitStack() as stack:
        common: dict[str, Any] = {"version": __version__, "inputs": inputs}
        stack.enter_context(take(output, job=job, adopt=earlier_output, **common))
        if not is_commands and (line := replaced(output, settings)):
            _logger.warning("%s", line)
        if cache:
            stack.enter_context(take(cache, job="cache", adopt=_earlier_cache, **common))
        if index:
            stack.enter_context(take(index, job="index", adopt=_earlier_index, **common))
        return stack.pop_all()


def named_and_listed(given: str | list[str] | None) -> list[str]:
    """What a workflow reads: the paths that it was given, and the files that they name.

    Raises:
        InputError: A path is missing, or nothing matches.
    """
    paths = [given] if isinstance(given, str) else given or []
    return [*paths, *(file.path for file in find_inputs(paths).files)]


def earlier_output(folder: str) -> Earlier | None:
    """The output folder of a version without manifests; of `data/`, the files that its input names."""
    earlier = earlier_run(folder, _OUTPUT)
    return earlier and Earlier(
        job=earlier.job, version=earlier.version, names=[*earlier.names, *_data(folder)]
    )


def _data(folder: str) -> list[str]:
    path = join(folder, "files.parquet")
    if not exists(path):
        return []
    with open_read(path) as file:
        names = pq.read_table(file, columns=["file"]).column("file").to_pylist()
    return [name for each in names if exists(join(folder, name := f"data/{each}"))]


def _earlier_cache(folder: str) -> Earlier | None:
    """A kept cache: it has the checkpoints of its steps and the list of documents."""
    if not exists(join(folder, "corpus.json")) or not exists(join(folder, "checkpoint")):
        return None
    return Earlier(job="cache", version="0.1.0", names=matching(folder, _CACHE))


def _earlier_index(folder: str) -> Earlier | None:
    if not is_index(folder):
        return None
    names = matching(folder, (r"index\.json", r"parts/.*"))
    return Earlier(job="index", version="0.1.0", names=names)
