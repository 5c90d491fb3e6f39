"""Write `data/` in the form that was asked for: whole files into the cache first, then what is made of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from curator_engine.errors import StageError
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, open_read, remove_tree
from curator_engine.stages.files import format_of
from curator_engine.steps import Step
from curator_engine.task import FileGroupTask, short_hash
from curator_text.removal.corpus import Corpus
from curator_text.removal.field_texts import path_of
from curator_text.removal.output_form import OutputForm, ending, hive_folder
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.shape_files import MOST_FOLDERS, CountFolders, ShapeFiles

_FILES_PER_TASK = 16


@dataclass(frozen=True, kw_only=True)
class Names:
    """Which names the files of the input have, in the whole of which a shard may be a part."""

    all: Sequence[str] = ()
    """Those of the whole input; none if they are not known."""
    first: int = 0
    """Where this run's begin."""


@dataclass(frozen=True, kw_only=True)
class _Whole:
    """A file of `data/` as it would be without a form."""

    path: str
    name: str
    origin: str
    """The file of the input."""
    number: int
    """That of the input among its files."""


def write_shaped(
    step: Step,
    corpus: Corpus,
    stage: Callable[[str], RemoveDocuments],
    tasks: Sequence[FileGroupTask],
    *,
    form: OutputForm,
    names: Names,
    cache: str,
    output: str,
    key: str,
) -> None:
    """Write `data/` in a form.

    Args:
        step: Runs the steps.
        corpus: The documents.
        stage: Makes the stage that writes `data/` below a folder, a file for each of the input.
        tasks: What that stage takes.
        form: The form.
        names: Of the input.
        cache: The cache folder.
        output: The run's folder.
        key: What the whole files depend on.

    Raises:
        StageError: Fields of `partition_by` make too many folders, or have values that cannot name one.
    """
    # Were `data/` written plain again, what a checkpoint says of it would not be true.
    remove_tree(join(cache, "checkpoint", "remove"))
    whole = join(cache, "whole")
    made = step("copy", stage(whole), tasks)
    wholes = _in_order(corpus, [path for task in made for path in task.data], whole)
    shaped = list(_tasks(wholes, form, names, key))
    if form.partition_by:
        _check_folders(step, shaped, form, cache=cache, output=output, key=key)
    described = short_hash(key, repr(form))
    step("shape", ShapeFiles(cache=cache, corpus_key=described, output=output, form=form), shaped)


def _in_order(corpus: Corpus, paths: list[str], whole: str) -> list[_Whole]:
    """The whole files, in the order of the input."""
    blocks = {join(whole, "data", block.name): block for block in corpus.blocks}
    found = [
        _Whole(path=path, name=b.name, origin=b.path, number=b.file_index)
        for path, b in ((path, blocks[path]) for path in paths)
    ]
    return sorted(found, key=lambda each: each.number)


def _tasks(
    wholes: list[_Whole], form: OutputForm, names: Names, key: str
) -> Iterator[FileGroupTask]:
    """A task for the whole files that are shaped together."""
    called = form.names(dict.fromkeys([*names.all, *(each.name for each in wholes)]))
    for group in _groups(wholes, form):
        first = group[0]
        outs = [called[each.name] for each in group]
        if form.file_size:
            number = names.first + first.number
            outs = [f"{hive_folder(outs[0])}part-{number:05d}{ending(outs[0])}"]
        yield FileGroupTask(
            data=[each.path for each in group],
            stamp=key,
            _metadata={
                "file_index": first.number,
                "name": outs[0],
                "origins": [each.origin for each in group],
                "outs": outs,
            },
        )


def _groups(wholes: list[_Whole], form: OutputForm) -> Iterator[list[_Whole]]:
    group, total = list[_Whole](), 0
    for each in wholes:
        size = _size(each.path) if form.file_size else 0
        if group and not _fits(group, each, total + size, form):
            yield group
            group, total = [], 0
        group.append(each)
        total += size
    if group:
        yield group


def _fits(group: list[_Whole], each: _Whole, total: int, form: OutputForm) -> bool:
    """Whether a file can be shaped with those before it; with a size, they become one file."""
    if not form.file_size:
        return len(group) < _FILES_PER_TASK
    first = group[0]
    is_alike = ending(first.name) == ending(each.name) and (
        hive_folder(form.name(first.name)) == hive_folder(form.name(each.name))
    )
    is_read_alike = is_alike and format_of(first.path) == format_of(each.path)
    return is_read_alike and total <= form.bytes_together(first.name)


def _size(path: str) -> int:
    if not is_remote(path):
        return Path(path).stat().st_size
    with open_read(path) as file:
        return file.seek(0, 2)


def _check_folders(
    step: Step, tasks: list[FileGroupTask], form: OutputForm, *, cache: str, output: str, key: str
) -> None:
    """Look at all folders before the first one is made."""
    fields = list(form.partition_by)
    count = CountFolders(cache=cache, corpus_key=short_hash(key, repr(fields)), fields=fields)
    named = f"--partition-by {','.join(fields)}"
    folders, nothing = set[tuple[str | None, ...]](), "nothing was written to data/"
    for task in step("folders", count, tasks):
        if odd := task._metadata["odd"]:
            raise StageError(f"{named}: {odd}; {nothing}. Choose another field.")
        folders.update(tuple(each) for each in task._metadata["folders"])
    if len(folders) > MOST_FOLDERS:
        raise StageError(
            f"{named} makes more than {MOST_FOLDERS:,} folders; {nothing}. "
            "Choose a field of fewer values."
        )
    if folders and all(each == (None,) * len(fields) for each in folders):
        raise StageError(f"{named}: no document has a value; {nothing}. Choose another field.")
    places = {path_of(fields, each) for each in folders}
    if len({place.casefold() for place in places}) < len(places) and _is_blind_to_case(output):
        raise StageError(
            f"{named}: values differ only in case, and the file system of {output} cannot tell such names apart; "
            f"{nothing}."
        )


def _is_blind_to_case(folder: str) -> bool:
    return not is_remote(folder) and exists(join(folder, ".CURATOR"))
