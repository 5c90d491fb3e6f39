"""Cut texts into chunks for a language model, and join what it made of them; NeMo Curator's stages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.tokenize.hub_tokenizer import load_tokenizer

type Row = dict[str, Any]


@positional("text_field", "center_crop_chars")
@dataclass(kw_only=True)
class CenterCropTextStage(ProcessingStage[TableTask, TableTask]):
    """Keep the middle of each text: so many characters before it and so many behind it, as NeMo Curator does.

    Example:
        >>> CenterCropTextStage("text", 1000)
    """

    text_field: str = "text"
    """Column with the texts."""
    center_crop_chars: int = 10000
    """Characters to each side of the middle that stay, at most; 0 keeps the whole text."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def process(self, task: TableTask) -> TableTask:
        """Crop the texts of a batch."""
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        cropped = [None if text is None else self._middle(text) for text in texts]
        place = task.data.column_names.index(self.text_field)
        column: Any = pa.array(cropped, pa.string())
        task.data = task.data.set_column(place, self.text_field, column)
        return task

    def _middle(self, text: str) -> str:
        half = self.center_crop_chars
        middle = len(text) // 2
        return text[max(0, middle - half) : middle + half] if half > 0 else text


@positional(
    "model_name",
    "max_length_tokens",
    "separator",
    "text_field",
    "chunk_id_field",
    "n_tokens_field",
)
@dataclass(kw_only=True)
class TokenSplitterStage(ProcessingStage[TableTask, TableTask]):
    """Cut each text between paragraphs into chunks of so many tokens, a row each; a longer paragraph is a chunk of its own.

    Chunks of a text joined without anything between them are the text again, but for blank paragraphs.

    Example:
        >>> TokenSplitterStage("openai-community/gpt2", max_length_tokens=4000)
    """

    model_name: str
    """Folder or hub id of the model whose tokenizer counts."""
    max_length_tokens: int = 8000
    """Tokens of a chunk, at most."""
    separator: str = "\n\n"
    """What is between paragraphs."""
    text_field: str = "text"
    """Column with the texts, then with the chunks."""
    chunk_id_field: str = "chunk_id"
    """Column with the number of the chunk in its text, from 0."""
    n_tokens_field: str = "n_tokens"
    """Column with the tokens of the chunk."""
    _tokenizer: Any = field(default=None, init=False, repr=False)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """Chunks, their numbers and sizes."""
        return ["data"], [self.text_field, self.chunk_id_field, self.n_tokens_field]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the tokenizer.

        Raises:
            ResourceError: transformers is not installed.
            InputError: There is no such tokenizer.
        """
        self._tokenizer = load_tokenizer(self.model_name)

    def process(self, task: TableTask) -> TableTask | None:
        """The chunks of a batch's texts, each with the other columns of its row; a text without words has none."""
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        rows, chunks, numbers, sizes = list[int](), list[str](), list[int](), list[int]()
        for row, text in enumerate(texts):
            for number, (chunk, size) in enumerate(self.chunks(text or "")):
                rows.append(row)
                chunks.append(chunk)
                numbers.append(number)
                sizes.append(size)
        blank = len(texts) - len(set(rows))
        if blank:
            self.count_drops({"no words": blank})
        if not rows:
            return None
        new: dict[str, Any] = {
            self.text_field: pa.array(chunks, pa.string()),
            self.chunk_id_field: pa.array(numbers, pa.int64()),
            self.n_tokens_field: pa.array(sizes, pa.int64()),
        }
        others = task.data.select([name for name in task.get_columns() if name not in new])
        taken: dict[str, Any] = {
            name: others.column(name).take(pa.array(rows)) for name in others.column_names
        }
        task.data = pa.table(new | taken)
        return task

    def chunks(self, text: str) -> Iterator[tuple[str, int]]:
        """The chunks of a text, each with its number of tokens."""
        parts = text.split(self.separator)
        ends = [self.separator] * (len(parts) - 1) + [""]
        chunk, size = "", 0
        for paragraph, end in zip(parts, ends, strict=True):
            if not paragraph.strip():
                continue
            count = len(self._tokenizer.encode(paragraph + end, add_special_tokens=False))
            if size and size + count > self.max_length_tokens:
                yield chunk, size
                chunk, size = "", 0
            chunk, size = chunk + paragraph + end, size + count
        if chunk:
            yield chunk, size


@positional(
    "text_field",
    "raw_text_field",
    "chunk_id_field",
    "groupby_columns",
    "no_content_markers",
    "sum_columns",
    "max_text_length",
    "separator",
)
@dataclass(kw_only=True)
class ChunkMergeStage(ProcessingStage[TableTask, TableTask]):
    """Join the chunks of each document of a batch in their order; documents are sorted by what names them.

    Chunks that come twice, say that they hold nothing, or have no document are left out and counted, as documents are
    that are too long. Of other columns the first value stays. The chunks of a document must be in one batch.

    Example:
        >>> ChunkMergeStage(text_field="cleaned_text", groupby_columns=["url"])
    """

    text_field: str = "cleaned_text"
    """Column with the chunks."""
    raw_text_field: str | None = "text"
    """Another column of texts that is joined, if it is there."""
    chunk_id_field: str = "chunk_id"
    """Column with the number of the chunk in its document."""
    groupby_columns: list[str] | None = None
    """Columns that name the document; `url` unless given."""
    no_content_markers: list[str] | None = None
    """What a chunk says that holds nothing; "NO USEFUL CONTENT" unless given."""
    sum_columns: list[str] | None = None
    """Columns of numbers that are added up; num_generated_tokens and num_input_tokens unless given."""
    max_text_length: int = 900_000
    """Characters of a joined text, at most."""
    separator: str = "\n"
    """What is put between chunks."""
    name: str = "chunk_merge"

    @property
    def names(self) -> list[str]:
        """The columns that name the document."""
        return self.groupby_columns or ["url"]

    def inputs(self) -> tuple[list[str], list[str]]:
        """Chunks, their numbers, and what names the document."""
        return ["data"], [self.text_field, self.chunk_id_field, *self.names]

    def process(self, task: TableTask) -> TableTask | None:
        """The documents of a batch."""
        schema = task.data.select(task.get_columns()).schema
        groups: dict[tuple[Any, ...], dict[Any, Row]] = {}
        for row in task.data.select(task.get_columns()).to_pylist():
            key = tuple(row[name] for name in self.names)
            chunks = groups.setdefault(key, {})
            if why := self._why_not(row, key, chunks):
                self.count_drops({why: 1})
            else:
                chunks[row[self.chunk_id_field]] = row
        documents: list[Row] = []
        for key in sorted(groups, key=lambda key: [(each is None, each) for each in key]):
            if groups[key]:
                document = self._joined(groups[key], schema.names)
                if len(document[self.text_field]) > self.max_text_length:
                    self.count_drops({"too long": 1})
                else:
                    documents.append(document)
        if not documents:
            return None
        task.data = pa.Table.from_pylist(documents, schema)
        return task

    def _why_not(self, row: Row, key: tuple[Any, ...], chunks: Mapping[Any, Row]) -> str:
        """Why a chunk is left out, or nothing."""
        markers = self.no_content_markers or ["NO USEFUL CONTENT", '"NO USEFUL CONTENT"']
        if None in key:
            return "no document"
        if row[self.chunk_id_field] in chunks:
            return "chunk twice"
        if row[self.text_field] in (None, "", "\n", *markers):
            return "no content"
        return ""

    def _joined(self, chunks: Mapping[Any, Row], names: list[str]) -> Row:
        rows = [chunks[number] for number in sorted(chunks)]
        sums = self.sum_columns or ["num_generated_tokens", "num_input_tokens"]
        document: Row = {}
        for name in names:
            known = [row[name] for row in rows if row[name] is not None]
            if name in (self.text_field, self.raw_text_field):
                document[name] = self.separator.join(map(str, known))
            elif name in sums:
                document[name] = sum(known) if known else None
            else:
                document[name] = known[0] if known else None
        return document
