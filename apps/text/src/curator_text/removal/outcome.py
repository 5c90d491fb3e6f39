"""What follows when it is known which documents go: the tables of losses, then `data/`."""

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, StageError
from curator_engine.files.listing import check_unchanged
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import remove, remove_tree
from curator_engine.stages.small_files import MANY, SMALL_BYTES, neighbours, task_of
from curator_engine.steps import Step
from curator_engine.task import FileGroupTask, short_hash
from curator_text.read.keep import KeepPolicy, check_kinds
from curator_text.removal.array_files import save_array
from curator_text.removal.corpus import Corpus
from curator_text.removal.output_form import OutputForm
from curator_text.removal.remove_documents import (
    DROPS_FILE,
    RemoveDocuments,
    alarms,
    losses,
    save_files,
)
from curator_text.removal.run_folder import SOURCES
from curator_text.removal.shaped_data import Names, write_shaped
from curator_text.removal.sources import CountSources, save_sources, source_tasks

COUNTS = ("num_documents", "no_text", "text_bytes", "num_blocks")
"""Of `count_documents`, those that a record keeps."""


def count_documents(corpus: Corpus) -> dict[str, Any]:
    """Documents, those without text included; and what else the blocks add up to."""
    totals = {
        name: sum(int(getattr(block, name)) for block in corpus.blocks)
        for name in ("documents", "no_text", "short", "text_bytes")
    }
    documents = totals.pop("documents") + totals["no_text"]
    return {"num_documents": documents, **totals, "num_blocks": len(corpus.blocks)}


def check_keep(corpus: Corpus, keep: KeepPolicy) -> None:
    """Make sure that the keep policy can order the documents of this run.

    Raises:
        InputError: Its field is in none of them, or its values have no order among each other.
    """
    if keep.field is None or corpus.count == corpus.old:
        return
    kinds = corpus.kinds()
    if not kinds:
        raise InputError(f"the keep field {keep.field!r} is in none of the documents.")
    check_kinds(kinds, field=keep.field)


def check_read(corpus: Corpus, *, quarantined: int) -> None:
    """Make sure that something of the input could be read.

    Args:
        corpus: The documents.
        quarantined: What could not be read.

    Raises:
        StageError: Nothing could.
    """
    if quarantined and not corpus.count and not sum(block.no_text for block in corpus.blocks):
        raise StageError("nothing of the input could be read; see quarantine/ for the reasons.")


def check_ratio(removed: int, total: int, *, most: float | None) -> None:
    """Stop before anything is removed if too much would go.

    Args:
        removed: Documents that would go.
        total: Documents.
        most: Ratio that may go; None for all.

    Raises:
        StageError: More than this ratio of the documents.
    """
    if most is not None and removed > most * total:
        raise StageError(
            f"{removed} of {total} documents would go, more than max_removed_ratio="
            f"{most} allows; nothing was written to data/. See removed/."
        )


def write_losses(
    step: Step,
    corpus: Corpus,
    numbers: NDArray[np.int64],
    *,
    cache: str,
    output: str,
    source_field: str | None,
) -> list[str]:
    """Write `files.parquet`, and `sources.parquet` if there is a source field; the alarms."""
    save_array(join(cache, DROPS_FILE), numbers)
    found = losses(corpus, numbers)
    save_files(output, corpus, found)
    remove(join(output, SOURCES))
    if source_field:
        key = _key(corpus, numbers)
        count = CountSources(cache=cache, corpus_key=key, source_field=source_field)
        found = save_sources(output, step("sources", count, source_tasks(corpus)))
    return alarms(found)


def write_data(
    step: Step,
    corpus: Corpus,
    numbers: NDArray[np.int64],
    *,
    cache: str,
    output: str,
    write: Callable[..., RemoveDocuments] = RemoveDocuments,
    write_key: str = "",
    form: OutputForm | None = None,
    names: Names | None = None,
) -> None:
    """Write `data/` without the documents that go.

    Args:
        step: Runs the step.
        corpus: The documents.
        numbers: Those that go, sorted.
        cache: The cache folder, with the drops that `write_losses` has written.
        output: The run's folder.
        write: Makes the stage that writes a file of `data/`.
        write_key: What else its result depends on.
        form: That of `data/`; as the input unless given.
        names: Of the input, by which files of another form are called.
    """
    key, tasks = short_hash(_key(corpus, numbers), write_key), _tasks(corpus)

    def stage(folder: str) -> RemoveDocuments:
        return write(cache=cache, corpus_key=key, output=folder)

    if form is None or form.is_plain:
        remove_tree(join(cache, "checkpoint", "shape"))
        step("remove", stage(output), tasks)
        return
    folders = {"cache": cache, "output": output}
    write_shaped(step, corpus, stage, tasks, form=form, names=names or Names(), **folders, key=key)


def _tasks(corpus: Corpus) -> list[FileGroupTask]:
    """A task per file of the input, or for some that lie side by side where there are many small ones."""
    files = {block.path: (block.path, block.name, block.stamp) for block in corpus.blocks}
    sizes = Counter[str]()
    for block in corpus.blocks:
        sizes[block.path] += block.text_bytes

    def small(place: tuple[str, str, str]) -> int | None:
        size = sizes[place[0]]
        return size if size <= SMALL_BYTES and len(files) > MANY else None

    return [task_of(group) for group in neighbours(files.values(), size=small)]


def forget_data(corpus: Corpus, *, cache: str, output: str) -> None:
    """Remove the `data/` of an earlier run: of other settings, it would contradict `removed/`.

    Raises:
        InputError: A local file has changed since it was listed, which copying would have noticed.
    """
    for path, stamp in {
        block.path: block.stamp for block in corpus.blocks if not block.part
    }.items():
        if not is_remote(path):
            check_unchanged(path, stamp)
    remove_tree(join(output, "data"))
    for name in ("remove", "shape"):
        remove_tree(join(cache, "checkpoint", name))


def _key(corpus: Corpus, numbers: NDArray[np.int64]) -> str:
    return short_hash(corpus.key, hashlib.blake2b(numbers.tobytes()).hexdigest())
