"""Settings of the text jobs: the options of `curator-text`, the keys of its YAML files."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from curator_engine.commands.settings import Flag, Group, Kind, Must
from curator_engine.errors import SettingsError
from curator_text.semantic import FINGERPRINT
from curator_text.text_settings import TextSettings

DEFAULT_RECALL = 0.995
MOST_ROWS, _MOST_EACH = 4096, 2048
"""Rows of a signature: two bytes each per document on disk, four while it is made."""


@dataclass(frozen=True, kw_only=True)
class RemovalSettings(TextSettings):
    """What every job takes that removes documents from files."""

    max_removed_ratio: Annotated[float | None, Group.LIMITS] = None
    """Fail instead of writing data/ if more than this ratio of documents would go, in [0, 1]."""
    output_format: Annotated[Literal["as-input", "jsonl", "parquet"], Group.FILES] = "as-input"
    """Format of data/."""
    compression: Annotated[
        Literal["as-input", "none", "gz", "zst", "bz2", "xz", "snappy"], Group.FILES
    ] = "as-input"
    """Of data/: bz2 and xz are of JSON lines only, snappy of Parquet only. What becomes Parquet is zst, what becomes JSON lines is not compressed, unless given."""
    file_size: Annotated[str | None, Group.FILES, Kind.SIZE] = None
    """Bytes of a file of data/, about, as 512MB: large files are split, small ones joined, and called part-NUMBER; one for each file of the input unless given."""
    row_group_size: Annotated[int | None, Group.FILES] = None
    """Rows of a row group of Parquet in data/, at most; those of 32 MiB, and at most 65,536, where files are written anew."""
    partition_by: Annotated[list[str], Group.FILES] = field(default_factory=list[str])
    """Fields, as lang,site, whose values name folders of data/, as lang=de/; the files do not have these fields then. May be given several times."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.max_removed_ratio is not None and not 0 <= self.max_removed_ratio <= 1:
            raise SettingsError(f"--max-removed-ratio {self.max_removed_ratio} is not in [0, 1].")
        self._check_output()

    @property
    def partition_fields(self) -> list[str]:
        """The fields of --partition-by, one by one."""
        return [name for each in self.partition_by for name in each.split(",")]

    @property
    def forms_data(self) -> bool:
        """Whether data/ is written in another form than the input's."""
        sizes = (self.file_size, self.row_group_size)
        words = {self.output_format, self.compression}
        return bool(self.partition_by) or words != {"as-input"} or sizes != (None, None)

    def _check_output(self) -> None:
        fields = self.partition_fields
        if self.forms_data and not self.writes_data:
            raise SettingsError(
                "no data/ is written, so --output-format, --compression, --file-size, --row-group-size "
                "and --partition-by have no effect; leave them out."
            )
        self.check_least(1, "row_group_size")
        if len(set(fields)) < len(fields) or "" in fields:
            raise SettingsError(f"--partition-by {','.join(fields)} names a field twice, or none.")
        if name := next((n for n in fields if n in (self.text_field, self.id_field)), None):
            raise SettingsError(
                f"--partition-by {name} would take the documents' {name} out of the files; choose another field."
            )


@dataclass(frozen=True, kw_only=True)
class DedupSettings(RemovalSettings):
    """What fuzzy and exact deduplication take."""

    why_whole = "documents are compared with all others"
    keep: str = "first"
    """Which of the documents that are alike stays: first, longest, newest[:FIELD] or field:FIELD."""
    mark: Annotated[Flag, Group.FILES] = False
    """Write all documents to data/, with a column duplicate_of: the id of the one to keep, or null."""
    ids_only: Annotated[Flag, Group.FILES] = False
    """Write no data/, only what would go and why."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""
    memory: Annotated[str | None, Group.LIMITS, Kind.SIZE] = None
    """Memory that all processes may take together, as 1GB; as much as is of use unless given. A document, or a family of similar ones, that is itself larger takes more."""
    against: Annotated[str | None, Group.FILES, Kind.FOLDER, Must.EXIST] = None
    """Index of earlier runs: documents like one of its documents go, whatever --keep says; those stay."""
    save_index: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Index to which the documents that stay are added; made if it is not there."""

    @property
    def writes_data(self) -> bool:
        """Not with --ids-only."""
        return not self.ids_only

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.mark and self.ids_only:
            raise SettingsError("--mark and --ids-only exclude each other; choose one.")


@dataclass(frozen=True, kw_only=True)
class FuzzySettings(DedupSettings):
    """Settings of `curator-text fuzzy`."""

    threshold: float = 0.8
    """Exact Jaccard similarity from which a document counts as a duplicate, in (0, 1)."""
    recall: float | None = None
    """Probability of finding a pair at the threshold, in (0, 1); 0.995 unless given. Chooses the bands."""
    num_bands: int | None = None
    """Bands of the signature, instead of --recall; together with --minhashes-per-band."""
    minhashes_per_band: int | None = None
    """Signature rows per band, instead of --recall; together with --num-bands."""
    method: Literal["fast", "curator"] = "fast"
    """How signatures are made: fast, or curator, which are those of NeMo Curator on GPUs."""
    char_ngrams: int = 24
    """Characters per window."""
    seed: int = 42
    """Seed of the hash functions."""
    verify: bool = True
    """Compare candidates exactly; without it the first of each group of candidates is kept."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where documents are signed and pairs joined; GPUs need an executor other than local."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if (self.num_bands is None) != (self.minhashes_per_band is None):
            raise SettingsError(
                "--num-bands and --minhashes-per-band go together; give both or none."
            )
        if self.num_bands is not None and self.recall is not None:
            raise SettingsError(
                "--recall chooses the bands; give it or --num-bands and --minhashes-per-band."
            )
        if self.device == "gpu" and self.executor == "local":
            raise SettingsError(
                "--device gpu needs an executor that hands out GPUs; add --executor ray_actor_pool."
            )
        for name in ("threshold", "recall"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise SettingsError(f"--{name} {value} is not between 0 and 1.")
        check_sizes(
            num_bands=1 if self.num_bands is None else self.num_bands,
            minhashes_per_band=1 if self.minhashes_per_band is None else self.minhashes_per_band,
            char_ngrams=self.char_ngrams,
        )


def check_sizes(*, num_bands: int, minhashes_per_band: int, char_ngrams: int) -> None:
    """Make sure that signatures can be made and kept in memory.

    Raises:
        SettingsError: A number is out of range, or the signatures would have too many rows.
    """
    given = {"num_bands": num_bands, "minhashes_per_band": minhashes_per_band}
    for name, value in {**given, "char_ngrams": char_ngrams}.items():
        if not 1 <= value <= _MOST_EACH:
            raise SettingsError(f"{name}={value} is not in [1, {_MOST_EACH:,}].")
    if num_bands * minhashes_per_band > MOST_ROWS:
        raise SettingsError(
            f"num_bands={num_bands} x minhashes_per_band={minhashes_per_band} are more than "
            f"{MOST_ROWS:,} rows per signature; lower one of them."
        )


@dataclass(frozen=True, kw_only=True)
class ExactSettings(DedupSettings):
    """Settings of `curator-text exact`."""

    normalize: Literal["off", "whitespace", "nfc_lower_whitespace"] = "off"
    """What does not count when texts are compared: off compares bytes; whitespace takes any white space for one space; nfc_lower_whitespace also composes accents (NFC) and lowers case. Documents that stay are written as they were."""


@dataclass(frozen=True, kw_only=True)
class SemanticSettings(RemovalSettings):
    """Settings of `curator-text semantic`."""

    why_whole = "documents are compared with all others"
    model: Annotated[str, Group.MODELS, Kind.NAME] = FINGERPRINT
    """Folder or hub id of a sentence-transformers model; fingerprint needs none, and sees wording, not meaning."""
    embedding_field: Annotated[str | None, Group.MODELS] = None
    """Field with an embedding (a list of numbers) per document, instead of a model."""
    max_chars: Annotated[int | None, Group.MODELS] = None
    """Characters of a text that the model sees; as many as it takes unless given."""
    eps: float | Literal["auto"] = 0.01
    """A document goes at a cosine similarity of at least 1 - eps; auto looks for the valley between near-duplicates and the rest."""
    n_clusters: int | None = None
    """Clusters within which documents are compared; one per 5,000 documents unless given."""
    keep: str = "hard"
    """Which of similar documents stays: hard (far from the cluster's centre), easy (near it), random, first, longest, newest[:FIELD] or field:FIELD."""
    rule: Literal["leaders", "any"] = "leaders"
    """leaders: a document goes if it is similar to one that stays; any: to any one before it."""
    seed: int = 42
    """Seed of the clusters and of --keep random."""
    against: Annotated[str | None, Group.FILES, Kind.FOLDER, Must.EXIST] = None
    """Index of earlier runs: documents near one of its documents go, whatever --keep says; those stay, and the clusters are the index's."""
    save_index: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Index to which the documents that stay are added; made if it is not there, with the clusters of this run."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models and vectors are computed."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.embedding_field is not None and self.model != FINGERPRINT:
            raise SettingsError("--embedding-field and --model exclude each other; choose one.")
        if self.eps != "auto" and not 0 < self.eps < 1:
            raise SettingsError(f"--eps {self.eps} is not between 0 and 1.")
        self.check_least(1, "n_clusters", "max_chars")
        self.check_least(0, "seed")
        if self.against and self.eps == "auto":
            raise SettingsError(
                "--eps auto looks at the new documents only; with --against give --eps as a number."
            )


@dataclass(frozen=True, kw_only=True)
class FilterSettings(RemovalSettings):
    """Settings of `curator-text filter`."""

    why_whole = ""
    recipe: Annotated[str, Kind.NAME] = "curator-en"
    """Rules by which documents are scored and dropped: curator-en, gopher, c4, fineweb, fineweb2 (also -deu, -fra, -ita, -nld, -por, -rus, -spa), code, code-python, or a YAML file of your own."""
    set: list[str] = field(default_factory=list[str])
    """Change a setting of a rule, as WordCount.min_words=80; may be given several times."""
    model: Annotated[str | None, Group.MODELS, Kind.NAME] = None
    """Folder of a model of `train`, or file of a fastText model of two classes: one rule more, LinearModel or FastTextQuality, which drops what scores low."""
    exact_words: str | None = None
    """A language, such as en or th, whose words spaCy finds (slowly) for rules of gopher, c4, fineweb and fineweb2, instead of our kernel, which cuts all languages by rules for English; needs the extra words."""
    where: str | None = None
    """Drop also what does not meet a condition on scores and fields, as "word_count > 80 and licence == 'cc-by'"; a field that a document lacks fails every comparison."""
    score_only: Annotated[Flag, Group.FILES] = False
    """Write scores/ and the report, no data/ and no removed/."""
    scores: Annotated[str | None, Group.FILES, Kind.FOLDER, Must.EXIST] = None
    """Folder of an earlier run of filter over the same files: take its scores instead of reading texts."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""

    @property
    def writes_data(self) -> bool:
        """Not with --score-only."""
        return not self.score_only

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if not self.recipe:
            raise SettingsError("no recipe; leave out --recipe for curator-en.")


@dataclass(frozen=True, kw_only=True)
class EditSettings(RemovalSettings):
    """What every job takes that changes texts."""

    why_whole = ""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""


@dataclass(frozen=True, kw_only=True)
class CleanSettings(EditSettings):
    """Settings of `curator-text clean`."""

    recipe: Annotated[str, Kind.NAME] = "web"
    """Rules by which texts are cleaned: web, c4, or a YAML file of your own."""
    set: list[str] = field(default_factory=list[str])
    """Change a setting of a rule, as NoticeLines.max_words=20, or leave it out, as NoticeLines=off; may be given several times."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if not self.recipe:
            raise SettingsError("no recipe; leave out --recipe for web.")


@dataclass(frozen=True, kw_only=True)
class PiiSettings(EditSettings):
    """Settings of `curator-text pii`."""

    kinds: list[str] = field(default_factory=list[str])
    """Kinds of private data to look for: email, ip, phone, card, iban, key, and with --names person, location, organisation; may be given several times; all unless given."""
    names: Annotated[str | None, Group.MODELS, Kind.NAME] = None
    """Folder or hub id of a token-classification model of transformers, which finds names of persons, places and organisations."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where the model of --names computes; auto takes a GPU where there is one."""
    action: Literal["mask", "hash", "drop"] = "mask"
    """Put the kind in its place, as <EMAIL>; or a keyed hash, as <EMAIL:1f0c...>, the same for the same value; or leave out the documents that hold some."""
    region: list[str] = field(default_factory=lambda: ["US"])
    """Country, as US or DE, whose phone numbers are known without their prefix; may be given several times."""
    key_file: Annotated[str | None, Group.FILES, Kind.FILE, Must.EXIST] = None
    """File with the key for --action hash; the environment variable CURATOR_PII_KEY unless given."""


@dataclass(frozen=True, kw_only=True)
class RepeatSettings(RemovalSettings):
    """What the jobs take that look for repeated parts of texts."""

    why_whole = "passages and lines are counted over the whole input"
    remove: Literal["passages", "documents", "nothing"] = "passages"
    """What goes: the repeated passages, which are cut out of the texts; whole documents of which more than --max-repeated repeats; or nothing, only passages/ is written."""
    max_repeated: float = 0.5
    """With --remove documents: a document goes if more than this ratio of its bytes repeats, in [0, 1]."""
    keep: str = "first"
    """Where a passage stays that stands in several documents: first, longest, newest[:FIELD] or field:FIELD."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""
    against: Annotated[str | None, Group.FILES, Kind.FOLDER, Must.EXIST] = None
    """Index of earlier runs: what stands in its documents stands there first, and counts, whatever --keep says."""
    save_index: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Index to which the documents are added as they were read; made if it is not there."""

    @property
    def writes_data(self) -> bool:
        """Not with --remove nothing."""
        return self.remove != "nothing"

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if not 0 <= self.max_repeated <= 1:
            raise SettingsError(f"--max-repeated {self.max_repeated} is not in [0, 1].")


@dataclass(frozen=True, kw_only=True)
class SubstringSettings(RepeatSettings):
    """Settings of `curator-text substring`."""

    min_bytes: int = 200
    """Bytes of UTF-8 of the shortest passage that counts as repeated; 200 are about 50 tokens of English."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if not 16 <= self.min_bytes <= 100_000:
            raise SettingsError(f"--min-bytes {self.min_bytes} is not in [16, 100000].")


@dataclass(frozen=True, kw_only=True)
class LinesSettings(RepeatSettings):
    """Settings of `curator-text lines`."""

    unit: Literal["line", "paragraph"] = "line"
    """What is counted: lines, or paragraphs, which end at an empty line."""
    max_times: int = 5
    """So often a line may stand in the corpus; one that does more often goes."""
    leave: int = 1
    """Places at which such a line stays, the first ones; 0 for none."""
    min_bytes: int = 20
    """Bytes of the shortest line that counts, without the white space around it."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        self.check_least(1, "max_times", "min_bytes")
        self.check_least(0, "leave")
