"""Compare the texts of files row by row: a reference, and what a recogniser wrote."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from curator_audio.read.text_rows import TextRow, find_texts, id_of_row, text_rows
from curator_audio.transcripts.compared import compared, schema_of
from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_others
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of, name_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, file_safe

_REFERENCES = ("text", "reference", "sentence", "transcription")
_HYPOTHESES = ("pred_text", "hypothesis", "prediction", "transcript")


@dataclass(frozen=True, kw_only=True)
class TextFields:
    """Where the texts of a row are; the usual fields unless given."""

    reference: str | None = None
    hypothesis: str | None = None
    id: str | None = None

    def reference_in(self, row: Mapping[str, Any], *, alone: bool = False) -> str | None:
        """The reference; of a file of references alone, any text that there is."""
        usual = (*_REFERENCES, *_HYPOTHESES) if alone else _REFERENCES
        return _text(row, [self.reference] if self.reference else usual)

    def hypothesis_in(self, row: Mapping[str, Any], *, alone: bool = False) -> str | None:
        """What a recogniser wrote; of a file whose references lie elsewhere, any text that there is."""
        usual = (*_HYPOTHESES, *_REFERENCES) if alone else _HYPOTHESES
        return _text(row, [self.hypothesis] if self.hypothesis else usual)


def read_references(places: Sequence[str], fields: TextFields) -> dict[str, str]:
    """The references of some files by their ids, all in memory.

    Raises:
        InputError: A path is missing, a file cannot be read, or two texts have one id.
    """
    found: dict[str, str] = {}
    for file in find_texts(places).files:
        try:
            rows = list(text_rows(file.path))
        except UnreadableFileError as error:
            raise InputError(f"--references: {error}") from error
        for row in rows:
            name, text = (
                id_of_row(row.fields, fields.id),
                fields.reference_in(row.fields, alone=True),
            )
            if not name or text is None:
                continue
            if found.setdefault(name, text) != text:
                raise InputError(
                    f"--references has two texts for {name!r}, one in {file.path}; name the ids by --id-field."
                )
    if not found:
        raise InputError(
            "--references holds no texts with ids; name their fields by --reference-field and --id-field."
        )
    return found


@dataclass(kw_only=True)
class CompareTexts(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write a row per pair of texts with its error rates; gives a reference to a table of them.

    Example:
        >>> stage = CompareTexts(parts="out/.cache/parts")
        >>> stage.process(FileGroupTask(data=["manifest.jsonl"])).data
        ['out/.cache/parts/000000000-0.parquet']
    """

    parts: str
    """Folder for the tables, of `compared.schema_of`."""
    fields: TextFields = TextFields()
    by: Sequence[str] = ("source",)
    """Fields whose values the table has as well."""
    references: Sequence[str] = ()
    """Files with the references, found by ids, if they are not in the rows."""
    references_hash: str = ""
    """Changes with those files."""
    language: str = "en"
    normalized: bool = True
    writes_to: ClassVar[tuple[str, ...]] = ("parts",)
    _known: dict[str, str] | None = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Read the references.

        Raises:
            InputError: They cannot be read.
        """
        if self.references:
            self._known = read_references(self.references, self.fields)

    def teardown(self) -> None:
        """Let go of the references."""
        self._known = None

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Compare the rows of the task's files; what cannot be read is rejected.

        Raises:
            StorageError: The table cannot be written.
        """
        rows = [row for file in files_of(task) for row in self._rows(file)]
        # By the names of the parts the table gets the order of the input.
        first = int(task._metadata.get("file_index", 0))
        part = join(self.parts, f"{first:09d}-{file_safe(task.task_id)}.parquet")
        write_table(part, pa.Table.from_pylist(rows, schema_of(self.by)))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        remove_others(self.parts, committed)

    def _rows(self, file: FileGroupTask) -> Iterator[dict[str, Any]]:
        path, count = file.data[0], 0
        name = name_of(file)
        try:
            for row in text_rows(path):
                if row.problem:
                    # The engine counts what is rejected by itself.
                    place = f"{path}#{row.number}"
                    self.reject(Rejection(file=place, reason=row.problem))
                else:
                    count += 1
                    yield self._compared(name, row)
        except UnreadableFileError as error:
            self.reject(Rejection(file=path, reason=str(error), rest=True))
        self.count_rows(count)

    def _compared(self, source: str, row: TextRow) -> dict[str, Any]:
        name = id_of_row(row.fields, self.fields.id)
        elsewhere = self._known is not None
        own = self.fields.reference_in(row.fields)
        said = own if self._known is None else self._known.get(name)
        heard = self.fields.hypothesis_in(row.fields, alone=elsewhere)
        by = {each: _value(row.fields.get(each)) for each in self.by}
        return {
            **by,
            "source": source,
            "row": row.number,
            "id": name or None,
            **compared(said, heard, language=self.language, normalized=self.normalized),
        }


def _text(row: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((row[name] for name in names if isinstance(row.get(name), str)), None)


def _value(value: Any) -> str | None:
    """A value to group by, as text; none if there is none."""
    is_plain = isinstance(value, str | int | float | bool)
    return str(value) if is_plain and value != "" else None
