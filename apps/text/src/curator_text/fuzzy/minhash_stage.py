"""The first single step of fuzzy deduplication, as NeMo Curator names it: documents to signature files."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.positional import positional
from curator_engine.stage import AnyStage
from curator_engine.stages.called_by_hand import HandCalled
from curator_engine.stages.given_options import WRITE_PARQUET
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR, present_state
from curator_engine.stages.number_files import NumberFiles
from curator_engine.stages.table_files import write_table
from curator_engine.stages.table_writer import TableWriter
from curator_engine.task import FileGroupTask, TableTask
from curator_text.dedup.step_names import CURATOR_DEFAULT_MINHASH_FIELD
from curator_text.read.columns import StringArray
from curator_text.read.reader_stages import JsonlReaderStage, ParquetReaderStage
from curator_text.signatures.minhash import permutations
from curator_text.signatures.signer import sign_texts

_BITS = 32
"""Of a row of a signature."""


class MinHash(ABC):
    """What makes signatures of texts; extend it to make them otherwise.

    Args:
        seed: Of the hash functions.
        num_hashes: Rows of a signature.
        char_ngrams: Characters per window.
        use_64bit_hash: Only False here: signatures are 32-bit.

    Raises:
        SettingsError: 64 bits are asked for.
    """

    def __init__(
        self,
        seed: int = 42,
        num_hashes: int = 260,
        char_ngrams: int = 24,
        use_64bit_hash: bool = False,
    ) -> None:
        if use_64bit_hash:
            raise SettingsError("use_64bit_hash=True is not offered: signatures are 32-bit.")
        self.seed, self.num_hashes, self.char_ngram = seed, num_hashes, char_ngrams
        self.use_64bit_hash = use_64bit_hash

    def generate_seeds(
        self, n_permutations: int = 260, seed: int = 0, bit_width: int = 32
    ) -> NDArray[np.uint32]:
        """Factor and summand of each hash function, shape (n_permutations, 2).

        Raises:
            SettingsError: Another width than 32 bits is asked for.
        """
        if bit_width != 32:
            raise SettingsError(f"bit_width={bit_width} is not offered, only {_BITS}.")
        return np.stack(permutations(seed, n_permutations), axis=1)

    @abstractmethod
    def compute_minhashes(self, text_series: Any) -> Any:
        """The signature of each text."""


class GPUMinHash(MinHash):
    """Signs on a GPU where there is one that can be used, else on CPUs: equal numbers.

    Args:
        seed: Of the hash functions.
        num_hashes: Rows of a signature.
        char_ngrams: Characters per window.
        use_64bit_hash: Only False here: signatures are 32-bit.
        pool: Accepted, without effect: it tunes a GPU's memory.
        device: Where to sign; auto takes a GPU if there is one.

    Example:
        >>> GPUMinHash(num_hashes=128).compute_minhashes(["one text", "another"])
    """

    def __init__(
        self,
        seed: int = 42,
        num_hashes: int = 260,
        char_ngrams: int = 24,
        use_64bit_hash: bool = False,
        pool: bool = False,
        *,
        device: Device = "auto",
    ) -> None:
        del pool
        super().__init__(seed, num_hashes, char_ngrams, use_64bit_hash)
        self.device: Device = device
        self.seeds = self.generate_seeds(num_hashes, seed)

    def compute_minhashes(self, text_series: Any) -> "pa.ListArray[Any]":
        """The signature of each text, lists of uint32; a missing text counts as an empty one.

        Args:
            text_series: Texts: a list, a column of a table or of a DataFrame.

        Raises:
            ResourceError: A GPU is asked for, and there is none, or nothing that can use it.
        """
        texts = _texts(text_series)
        signed = sign_texts(
            texts,
            char_ngrams=self.char_ngram,
            num_hashes=self.num_hashes,
            seed=self.seed,
            method="curator",
            device=self.device,
        )
        ends: Any = pa.array(np.arange(len(signed) + 1) * self.num_hashes, pa.int32())
        return pa.ListArray.from_arrays(ends, pa.array(signed.ravel()))


def _texts(given: Any) -> StringArray:
    column: Any = given if isinstance(given, pa.ChunkedArray) else pa.array(given)
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(pa.large_string()).fill_null("")


@dataclass(kw_only=True)
class WriteSignatures(TableWriter):
    """Write the ids and signatures of each batch of documents as one Parquet file."""

    text_field: str = "text"
    minhash_field: str = CURATOR_DEFAULT_MINHASH_FIELD
    char_ngrams: int = 24
    num_hashes: int = 260
    seed: int = 42
    device: Device = "auto"
    known_options = WRITE_PARQUET
    endings = (".parquet",)
    preload: ClassVar[tuple[str, ...]] = ("curator_text.kernels.preload",)

    @property
    def ending(self) -> str:
        """That of Parquet files."""
        return ".parquet"

    def inputs(self) -> tuple[list[str], list[str]]:
        """The text and the id."""
        return ["data"], [self.text_field, CURATOR_DEDUP_ID_STR]

    def process(self, task: TableTask) -> FileGroupTask:
        """Sign the documents of a batch."""
        signer = GPUMinHash(self.seed, self.num_hashes, self.char_ngrams, device=self.device)
        columns: dict[str, Any] = {
            CURATOR_DEDUP_ID_STR: task.data.column(CURATOR_DEDUP_ID_STR),
            self.minhash_field: signer.compute_minhashes(task.data.column(self.text_field)),
        }
        with self.file_of(task) as path:
            write_table(path, pa.table(columns))
        facts = {"minhash_field": self.minhash_field, "num_hashes": self.num_hashes}
        name = f"{task.dataset_name}_minhash"
        return FileGroupTask(data=[path], dataset_name=name, _metadata={**task._metadata, **facts})


@positional(
    "output_path",
    "text_field",
    "minhash_field",
    "char_ngrams",
    "num_hashes",
    "seed",
    "use_64bit_hash",
    "read_format",
    "read_kwargs",
    "write_kwargs",
    "pool",
)
@dataclass(kw_only=True)
class MinHashStage(HandCalled[FileGroupTask]):
    """Sign the documents of files: `_curator_dedup_id` and the signature, in `<output_path>/MinHashStage`.

    Signatures are cuDF's 32-bit ones. Documents have the ids of the present id generator; files that
    it does not know get some. A file of signatures is of one batch of documents, at most about 32 MiB of them.

    Example:
        >>> create_id_generator_actor()
        >>> stages = [FilePartitioningStage("corpus"), MinHashStage("cache", read_format="jsonl")]
    """

    output_path: str
    """Where the folder `MinHashStage` is made."""
    text_field: str = "text"
    """Field with the document's text."""
    minhash_field: str = CURATOR_DEFAULT_MINHASH_FIELD
    """Column with the signatures: lists of uint32."""
    char_ngrams: int = 24
    """Characters per window."""
    num_hashes: int = 260
    """Rows of a signature."""
    seed: int = 42
    """Of the hash functions."""
    use_64bit_hash: bool = False
    """Only False: signatures are 32-bit."""
    read_format: Literal["jsonl", "parquet"] = "jsonl"
    """What the files are."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """Options of the reader, and `storage_options`, which may hold secrets."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output, which may hold secrets; the rest is for cuDF and refused."""
    pool: bool = True
    """Accepted, without effect: it tunes a GPU's memory."""
    device: Device = "auto"
    """Where to sign; the numbers are the same."""
    name: str = "minhash_stage"

    def __post_init__(self) -> None:
        if self.use_64bit_hash:
            raise SettingsError("use_64bit_hash=True is not offered: signatures are 32-bit.")
        if self.read_format not in ("jsonl", "parquet"):
            raise SettingsError(f"read_format={self.read_format!r} is neither jsonl nor parquet.")

    def decompose(self) -> list[AnyStage]:
        """Number the files, read them, sign the documents.

        Raises:
            SettingsError: There is no id generator, or an option is not offered.
        """
        reader = JsonlReaderStage if self.read_format == "jsonl" else ParquetReaderStage
        write = WriteSignatures(
            path=join(self.output_path, "MinHashStage"),
            mode="overwrite",
            write_kwargs=self.write_kwargs or {},
            text_field=self.text_field,
            minhash_field=self.minhash_field,
            char_ngrams=self.char_ngrams,
            num_hashes=self.num_hashes,
            seed=self.seed,
            device=self.device,
        )
        return [
            NumberFiles(state=present_state()),
            reader(fields=[self.text_field], read_kwargs=self.read_kwargs or {}),
            write.with_(name=self.name),
        ]
