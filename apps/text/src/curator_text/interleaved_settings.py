"""Settings of the job on documents of texts and pictures."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import CommonSettings, Flag, Group, Kind, Must
from curator_engine.errors import SettingsError
from curator_engine.stages.files import parse_size


@dataclass(frozen=True, kw_only=True)
class InterleavedSettings(CommonSettings):
    """Settings of `curator-text interleaved`; --limit counts documents."""

    takes: ClassVar[str] = "IN..."
    """Documents of texts and pictures in order: tars in the form of MINT-1T, JSON lines and Parquet with lists texts and images (OBELICS, OmniCorpus), Parquet of NeMo Curator's rows, PDF."""
    why_whole = ""
    min_side: Annotated[int, Group.LIMITS] = 150
    """Pixels of a picture's shorter side, at least."""
    max_side: Annotated[int, Group.LIMITS] = 20_000
    """Pixels of its longer side, at most."""
    max_aspect: Annotated[float, Group.LIMITS] = 2.0
    """Longer side over shorter, at most; 0 for any."""
    min_sharpness: Annotated[float, Group.LIMITS] = 0.0
    """Variance of the Laplacian of a picture, at least; blurred ones have less than 100. 0 for any."""
    max_code_area: Annotated[float | None, Group.LIMITS] = None
    """Share of a picture that QR codes may cover, as 0.05; any unless given."""
    need_data: Flag = False
    """Remove pictures that the input only names, as by an address."""
    min_images: Annotated[int, Group.LIMITS] = 1
    """Pictures of a document, at least, once others have gone."""
    max_images: Annotated[int | None, Group.LIMITS] = 30
    """Pictures of a document, at most."""
    min_chars: Annotated[int, Group.LIMITS] = 1
    """Characters of all texts of a document, at least."""
    max_chars: Annotated[int | None, Group.LIMITS] = None
    """Characters of all its texts, at most; any unless given."""
    max_images_per_word: Annotated[float | None, Group.LIMITS] = None
    """Pictures for each word of a document, at most; any unless given."""
    max_image_documents: Annotated[int | None, Group.LIMITS] = None
    """Documents that a picture may be in; one that is in more, as a logo or an icon, goes from all of them. Any unless given."""
    dedup_texts: Flag = False
    """Remove documents whose texts are those of an earlier one."""
    where: str | None = None
    """Remove documents that do not meet a condition on counts of what is left of them, and on fields, as "num_words > 100 and language == 'en'"; a field that a document lacks fails every comparison."""
    where_images: str | None = None
    """Remove pictures that do not meet a condition on their measures, as "width >= 300 and sharpness > 100"; one that is only named has none, and fails every comparison."""
    all_measures: Flag = False
    """Measure sharpness and QR codes also where no limit needs them, for later conditions."""
    scores: Annotated[str | None, Group.FILES, Kind.FOLDER, Must.EXIST] = None
    """Folder of an earlier run of interleaved over the same files: take its measures instead of reading pictures."""
    file_timeout: Annotated[float, Group.LIMITS] = 120.0
    """Seconds for a PDF file, and for the pictures of a file; a PDF that takes longer goes to quarantine, a picture goes."""
    file_memory: Annotated[str, Group.LIMITS, Kind.SIZE] = "4GB"
    """Memory that their reader may use; what needs more goes likewise."""
    output_format: Annotated[Literal["parquet", "webdataset", "jsonl"], Group.FILES] = "parquet"
    """Format of data/: a row per text and picture, a tar in the form of MINT-1T, or lines with the names of pictures only."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: One is out of range.
        """
        super().check()
        self.check_least(0, *_NOT_BELOW_ZERO)
        if self.file_timeout <= 0:
            raise SettingsError(f"--file-timeout {self.file_timeout} is not above 0.")
        if parse_size(self.file_memory) < _LEAST_MEMORY:
            raise SettingsError(f"--file-memory {self.file_memory} is below 512MB.")
        if self.shard and self.counts_copies:
            raise SettingsError(
                "--max-image-documents and --dedup-texts compare all documents; leave out --shard."
            )
        self._check_together()

    @property
    def counts_copies(self) -> bool:
        """Whether documents are compared with each other."""
        return self.dedup_texts or self.max_image_documents is not None

    def _check_together(self) -> None:
        if self.min_side > self.max_side:
            raise SettingsError(f"--min-side {self.min_side} is above --max-side {self.max_side}.")
        if self.max_images is not None and self.min_images > self.max_images:
            raise SettingsError(
                f"--min-images {self.min_images} is above --max-images {self.max_images}."
            )


_LEAST_MEMORY = 512_000_000
"""What the readers need for themselves."""
_NOT_BELOW_ZERO = (
    *("min_side", "max_aspect", "min_sharpness", "max_code_area", "min_images", "max_images"),
    "max_image_documents",
    *("min_chars", "max_chars", "max_images_per_word"),
)
