"""Make `data/` agree with the marks of `images.parquet`: pictures are copied out of the input again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

import pyarrow as pa

from curator_engine.files.formats import TAR_EXTENSIONS
from curator_engine.files.listing import SIDECARS
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, remove, remove_tree
from curator_engine.items.input_again import (
    check_unchanged_since,
    end_again,
    files_of_rows,
    steps_again,
    tables_in,
    write_marks,
)
from curator_engine.items.item_table import with_values
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_image.images.as_folder import write_metadata
from curator_image.images.counts import counts_in, said
from curator_image.images.image_tasks import PACKED_BYTES, tasks_of
from curator_image.images.kept import COLUMNS
from curator_image.images.reencode import Kind
from curator_image.images.tar_tables import write_tar_tables
from curator_image.images.write_images import DATA, PLACED, OutputFormat, WriteImages

type Written = OutputFormat | Literal["image-writer", "none"]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the kept pictures are written, in the words of the settings.

    Example:
        >>> Form.of({"output_format": "folder", "keep": "first"}).per_file
        1000
    """

    output_format: Written = "as-input"
    per_file: int = 1000
    reencode: Kind = "off"
    quality: int = 90
    max_side: int | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """That of the settings of a run; what they do not name stands at its default."""
        return cls(**{f.name: settings[f.name] for f in fields(cls) if f.name in settings})


def write_kept(
    steps: Steps, tasks: Sequence[FileGroupTask], table: pa.Table, form: Form
) -> pa.Table:
    """Write the kept pictures of some files.

    What a run that was killed has written stays if the marks are the same; else it is removed.

    Args:
        steps: Of the run.
        tasks: Those files.
        table: Rows of `images.parquet`, of these files at least.
        form: How they are written.

    Returns:
        The table, with where each picture lies in `path`.

    Raises:
        CuratorError: A file of the input has changed or is gone; the disk is full.
    """
    if form.output_format == "none":
        # An earlier run of other settings may have written some.
        remove_tree(join(steps.output, DATA))
        return table
    key = map(str, asdict(form).values())
    file, parts = write_marks(steps, table.select(list(COLUMNS)), *key, data=DATA)
    _run(steps, tasks, file, parts, form)
    table = _placed(table, _paths_in(parts))
    if form.output_format == "image-writer":
        write_tar_tables(join(steps.output, DATA), table, below=DATA)
    if form.output_format == "folder":
        write_metadata(join(steps.output, DATA), table, below=DATA)
    return table


def left_out(steps: Steps) -> list[str]:
    """What was stored with the kept pictures and is not in the result, as a line; none if nothing."""
    line = "stored with kept pictures, and not in the result, which has no room for it: "
    words = said(counts_in(join(steps.cache, "written")))
    return [line + words] if words else []


def rewrite_kept(
    output: str, table: pa.Table, before: pa.Table, settings: Mapping[str, Any]
) -> tuple[pa.Table, list[str]]:
    """Write again what other marks ask for, into the folder of a finished run.

    As the input is, only files with other marks than before are written; their copies are removed
    first, when it is known that the files are as they were.

    Args:
        output: The folder of the run.
        table: Its rows with the new marks.
        before: Its rows with the marks that `data/` agrees with.
        settings: Of the run.

    Returns:
        The table with the new places, and what `left_out` says.

    Raises:
        InputError: The input has changed or is gone; nothing was changed.
        StorageError: A file cannot be written; call again.
    """
    form = Form.of(settings)
    if form.output_format == "none":
        return table, []
    sources = None
    if form.output_format == "as-input":
        sources = _changed_sources(table, before) | _missing_sources(output, before)
    files = [f for f in files_of_rows(table) if sources is None or f.name in sources]
    most = 1 if sources is not None else form.per_file
    tasks = tasks_of(files, most_files=most, most_bytes=PACKED_BYTES)
    check_unchanged_since(tasks)
    steps = steps_again(output, "rewrite")
    try:
        if sources is None:
            return write_kept(steps, tasks, table, form), left_out(steps)
        _forget(output, before, sources)
        file, parts = join(steps.cache, "marks.parquet"), join(steps.cache, "written")
        remove_tree(steps.cache)
        write_table(file, table.select(list(COLUMNS)))
        _run(steps, tasks, file, parts, form)
        old = dict(zip(*(_values(before, name) for name in ("uuid", "path")), strict=True))
        theirs = dict(zip(*(_values(table, name) for name in ("uuid", "source")), strict=True))
        stay = {uuid: path for uuid, path in old.items() if theirs[uuid] not in sources}
        return _placed(table, {**stay, **_paths_in(parts)}), []
    finally:
        end_again(steps)


def _run(steps: Steps, tasks: Sequence[FileGroupTask], marks: str, parts: str, form: Form) -> None:
    if form.output_format == "none":
        return
    stage = WriteImages(
        marks=marks,
        output=steps.output,
        parts=parts,
        output_format="webdataset" if form.output_format == "image-writer" else form.output_format,
        images_per_file=form.per_file,
        reencode=form.reencode,
        quality=form.quality,
        max_side=form.max_side,
    )
    steps.run("write", stage, tasks)


def _forget(output: str, before: pa.Table, sources: set[str]) -> None:
    """Remove the copies of these files."""
    columns = (_values(before, name) for name in ("path", "source", "member"))
    for path, source, member in zip(*columns, strict=True):
        if not path or source not in sources:
            continue
        if member:
            # It lies in a tar or table, which goes as a whole.
            gone = [_file_of(path, member)]
        else:
            stem = path.rpartition(".")[0]
            gone = [path, *(stem + ending for ending in SIDECARS)]
        for place in gone:
            if exists(join(output, place)):
                remove(join(output, place))


def _changed_sources(table: pa.Table, before: pa.Table) -> set[str]:
    old = dict(zip(*(_values(before, name) for name in ("uuid", "keep")), strict=True))
    rows = zip(*(_values(table, name) for name in ("uuid", "keep", "source")), strict=True)
    return {source for uuid, keep, source in rows if old.get(uuid) != keep}


def _missing_sources(output: str, before: pa.Table) -> set[str]:
    """Files of which a kept picture is not in the result, as a call that was stopped leaves them."""
    columns = (_values(before, name) for name in ("keep", "path", "source", "member"))
    there: dict[str, bool] = {}
    missing: set[str] = set()
    for keep, path, source, member in zip(*columns, strict=True):
        if not keep or source in missing:
            continue
        place = _file_of(path, member) if path else ""
        if place not in there:
            there[place] = bool(place) and exists(join(output, place))
        if not there[place]:
            missing.add(source)
    return missing


def _file_of(path: str, member: str) -> str:
    """The file of the result that a picture lies in, written as the input is; one of a list is in a tar."""
    if not member:
        return path
    table, mark, row = path.rpartition("#")
    if mark and row.isdecimal():
        return table
    parts = path.split("/")
    ends = (k for k, part in enumerate(parts, 1) if part.lower().endswith(TAR_EXTENSIONS))
    return "/".join(parts[: next(ends, len(parts))])


def _paths_in(parts: str) -> dict[str, str]:
    """Where each written picture lies, by its id."""
    found = tables_in(parts, PLACED)
    return dict(zip(_values(found, "uuid"), _values(found, "path"), strict=True))


def _placed(table: pa.Table, paths: dict[str, str]) -> pa.Table:
    return with_values(table, {"path": [paths.get(uuid) for uuid in _values(table, "uuid")]})


def _values(table: pa.Table, name: str) -> list[Any]:
    return table.column(name).to_pylist()
