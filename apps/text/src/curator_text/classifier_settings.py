"""Settings of the text jobs that train models which judge texts, and that use them."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from curator_engine.commands.settings import CommonSettings, Group, Kind, Must
from curator_engine.errors import SettingsError
from curator_text.settings import RemovalSettings

_RANGES = {
    "ngrams": (1, 5),
    "bits": (8, 24),
    "epochs": (1, 1000),
    "max_documents": (1, 1 << 40),
    "max_words": (1, 1 << 40),
}
_TWO = 2


@dataclass(frozen=True, kw_only=True)
class TrainSettings(CommonSettings):
    """Settings of `curator-text train`."""

    takes = "GOOD BAD"
    """Texts as they are wanted, then texts as they are not: two files, folders, globs in quotation marks, or URLs."""
    why_whole = "a model is made of all examples"
    text_field: Annotated[str, Group.FILES] = "text"
    """Field with the document's text: also one inside another (meta.body), several (title,body), or a chat (messages)."""
    format: Annotated[Literal["auto", "jsonl", "parquet", "csv", "text", "arrow"], Group.FILES] = (
        "auto"
    )
    """Format of the input; auto goes by the files' endings, else by their first bytes."""
    max_row: Annotated[str, Group.LIMITS, Kind.SIZE] = "64MB"
    """The longest line that is read; a longer one goes to quarantine by its length."""
    held_out: float = 0.2
    """Share of the texts that the model does not see and is tested on, in (0, 1); a hash of the text decides, so copies are on one side."""
    ngrams: int = 2
    """Words of the longest run of words that has a weight of its own, 1 to 5."""
    bits: int = 20
    """The model has 2^bits weights of two bytes each, 8 to 24."""
    epochs: int = 5
    """How often the model sees each text."""
    max_documents: Annotated[int, Group.LIMITS] = 50_000
    """Texts of each kind that count; of more, those with the smallest hashes, which is a sample."""
    max_words: Annotated[int, Group.LIMITS] = 5000
    """Words and marks of a text that count, from its beginning, also when the model is used."""

    @property
    def writes_data(self) -> bool:
        """It leaves a model."""
        return False

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if len(self.inputs) not in (0, _TWO):
            raise SettingsError(
                f"{len(self.inputs)} inputs; train takes two, GOOD and BAD. Put the files of each into a folder, or "
                "write a pattern in quotation marks, as 'good/*.jsonl'."
            )
        if self.limit is not None:
            raise SettingsError(
                "--limit would take texts of GOOD only; use --max-documents, which is for each of both."
            )
        if not 0 < self.held_out < 1:
            raise SettingsError(f"--held-out {self.held_out} is not between 0 and 1.")
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                option, value = name.replace("_", "-"), getattr(self, name)
                raise SettingsError(f"--{option} {value} is not in [{least:,}, {most:,}].")


@dataclass(frozen=True, kw_only=True)
class ClassifySettings(RemovalSettings):
    """Settings of `curator-text classify`."""

    why_whole = ""
    classifier: (
        Literal[
            "domain",
            "multilingual-domain",
            "quality",
            "content-type",
            "fineweb-edu",
            "fineweb-mixtral-edu",
            "fineweb-nemotron-edu",
            "finemath",
            "prompt-task-complexity",
            "aegis",
            "instruction-data-guard",
        ]
        | None
    ) = None
    """A classifier of NeMo Curator by its name; its model is fetched from the hub unless --model gives its folder."""
    model: Annotated[str | None, Group.MODELS, Kind.NAME] = None
    """Folder or hub id of the classifier's model. Without --classifier: a folder of `train`, a .bin or .ftz file of fastText, or any sequence classifier of transformers."""
    prompt_file: Annotated[str | None, Group.MODELS, Kind.FILE, Must.EXIST] = None
    """What --classifier aegis asks about a text, with {text} where the text stands; unless given, words of our own."""
    filter_by: list[str] = field(default_factory=list[str])
    """Labels whose documents stay; may be given several times. All stay unless given."""
    where: str | None = None
    """Drop also what does not meet a condition on the fields that rows get, as "quality_prob > 0.9"."""
    batch_size: Annotated[int, Group.MODELS] = 64
    """Texts that a network computes at a time; fewer where a GPU's memory is too small."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where a network computes; auto takes a GPU where there is one."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.inputs and self.classifier is None and self.model is None:
            raise SettingsError(
                "no classifier; name one by --classifier, or a model by --model: one of `curator-text train` needs no download."
            )
        if self.prompt_file is not None and self.classifier != "aegis":
            raise SettingsError("--prompt-file is for --classifier aegis; leave it out.")
        self.check_least(1, "batch_size")
