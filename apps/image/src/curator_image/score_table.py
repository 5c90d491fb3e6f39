"""Every score of a picture, declared once: its column, what it means, its unit and its usual limits.

From this table follow the columns of `images.parquet`, what the options of limits refuse, and the
limits that drop pictures. How a score is computed is in `scores/`.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from curator_engine.commands.settings import Flag, Group
from curator_engine.errors import SettingsError
from curator_engine.items.score_limits import Score, ScoreLimits, option_of
from curator_engine.models.model_names import check_model_name


def _ratio(column: str, group: str, meaning: str, *, most: float | None = None) -> Score:
    """A share of the picture, in [0, 1]."""
    return Score(
        column=column, group=group, meaning=meaning, unit="ratio, 0 to 1", high=1.0, most=most
    )


SCORE_TABLE: tuple[Score, ...] = (
    Score(
        column="width",
        group="size",
        meaning="Width as the picture is shown.",
        unit="pixels",
    ),
    Score(
        column="height",
        group="size",
        meaning="Height as the picture is shown.",
        unit="pixels",
    ),
    Score(column="megapixels", group="size", meaning="Its points.", unit="millions of pixels"),
    Score(
        column="aspect",
        group="aspect",
        meaning="Width over height.",
        unit="ratio",
        # data-juicer's image_aspect_ratio_filter; cleanvision's odd_aspect_ratio is 0.35 to 2.86.
        least=0.333,
        most=3.0,
    ),
    Score(
        column="sharpness",
        group="sharpness",
        meaning="Variance of the Laplacian of luma, inside of borders, at 512 pixels; below about 10 is blurred or flat.",
        unit="squared grey levels of 0 to 255",
        least=10.0,
    ),
    Score(
        column="entropy",
        group="information",
        meaning="Shannon entropy of luma; a drawing of few tones has little.",
        unit="bits, 0 to 8",
        high=8.0,
        # cleanvision's low_information: 0.3, on a scale of ten bits.
        least=3.0,
    ),
    _ratio("brightness", "exposure", "Mean luma."),
    # cleanvision's dark and light: the 99th percentile below 0.32, the 5th above 0.95.
    _ratio("dark_ratio", "exposure", "Share of the points with luma below 0.32.", most=0.99),
    _ratio("bright_ratio", "exposure", "Share of the points with luma above 0.95.", most=0.95),
    Score(
        column="contrast",
        group="contrast",
        meaning="Standard deviation of luma.",
        unit="ratio of white, 0 to 0.5",
        high=0.5,
        least=0.02,
    ),
    Score(
        column="colourfulness",
        group="colour",
        meaning="By Hasler and Süsstrunk: 15 is slightly, 45 averagely, 82 highly colourful.",
        unit="levels of 0 to 255",
    ),
    _ratio("grey_ratio", "colour", "Share of the points without colour; 1 is greyscale."),
    _ratio(
        "uniform_ratio",
        "uniform",
        "Share of the points within 8 levels of the middle colour; 1 is one colour.",
        most=0.98,
    ),
    _ratio("border_ratio", "borders", "Share of the picture that is bars of one colour.", most=0.3),
    # Without a usual limit: a page and a screen have much of it.
    _ratio("overlay_ratio", "overlay", "Share of the picture that looks like writing."),
    Score(
        column="blockiness",
        group="blockiness",
        meaning="How much larger steps are on the borders of 8 x 8 blocks than inside; above 1 they are plain. Null above about 2,000 pixels, where they are not.",
        unit="ratio",
        most=1.0,
    ),
    Score(
        column="text_area",
        group="text",
        meaning="Share of the picture that is lines of text, by rapidocr's detector.",
        unit="ratio, 0 to 1",
        high=1.0,
        made_by="text_area",
    ),
    Score(
        column="codes",
        group="codes",
        meaning="QR codes and barcodes that zxing-cpp can read.",
        unit="count",
        made_by="codes",
    ),
    Score(
        column="aesthetic_score",
        group="aesthetic",
        meaning="How people would like the picture, by the head of --aesthetic.",
        unit="points, about 1 to 10",
        made_by="aesthetic",
    ),
    Score(
        column="nsfw_score",
        group="nsfw",
        meaning="Probability that the picture is not safe for work, by --nsfw.",
        unit="ratio, 0 to 1",
        high=1.0,
        # NeMo Curator's and data-juicer's.
        most=0.5,
        made_by="nsfw",
    ),
    Score(
        column="caption_words",
        group="caption",
        meaning="Words of the caption; each Han and kana sign is one.",
        unit="count",
        made_by="captions",
    ),
    Score(
        column="caption_repetition",
        group="caption",
        meaning="Share of the caption's runs of three words that recur.",
        unit="ratio, 0 to 1",
        high=1.0,
        made_by="captions",
    ),
    Score(
        column="caption_similarity",
        group="caption",
        meaning="Cosine of CLIP's vectors of the picture and its caption.",
        unit="cosine",
        high=1.0,
        # data-juicer's image_text_similarity_filter.
        least=0.1,
        made_by="caption_similarity",
    ),
)
"""In the order in which limits are looked at, which is also that of the columns."""
MEASURED = tuple(score.column for score in SCORE_TABLE if not score.made_by)
"""The scores that `measure` gives."""

type Number = Annotated[float | None, Group.LIMITS]


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(ScoreLimits):
    """The options of scores: the limits that a picture must keep to; none unless asked for."""

    scores_of = SCORE_TABLE
    limits: Annotated[Literal["none", "usual"], Group.LIMITS] = "none"
    """Limits that are not given: none, or the usual ones, which follow cleanvision and data-juicer."""
    min_width: Number = None
    """Least width, in pixels."""
    max_width: Number = None
    """Most width, in pixels."""
    min_height: Number = None
    """Least height, in pixels."""
    max_height: Number = None
    """Most height, in pixels."""
    min_megapixels: Number = None
    """Least size, in millions of pixels."""
    max_megapixels: Number = None
    """Most size, in millions of pixels."""
    min_aspect: Number = None
    """Least width over height; usual: 0.333."""
    max_aspect: Number = None
    """Most width over height; usual: 3."""
    min_sharpness: Number = None
    """Least sharpness; usual: 10, below which a picture is blurred or flat."""
    min_entropy: Number = None
    """Least entropy of luma in bits, 0 to 8; usual: 3."""
    min_brightness: Number = None
    """Least mean luma in [0, 1]."""
    max_brightness: Number = None
    """Most mean luma in [0, 1]."""
    max_dark_ratio: Number = None
    """Most share of dark points in [0, 1]; usual: 0.99."""
    max_bright_ratio: Number = None
    """Most share of white points in [0, 1]; usual: 0.95."""
    min_contrast: Number = None
    """Least standard deviation of luma, 0 to 0.5; usual: 0.02."""
    min_colourfulness: Number = None
    """Least colourfulness; 15 is slightly, 45 averagely colourful."""
    max_grey_ratio: Number = None
    """Most share of points without colour in [0, 1]; 0.999 drops greyscale pictures."""
    max_uniform_ratio: Number = None
    """Most share of points of one colour in [0, 1]; usual: 0.98."""
    max_border_ratio: Number = None
    """Most share of bars around the picture in [0, 1]; usual: 0.3."""
    max_overlay_ratio: Number = None
    """Most share of what looks like writing in [0, 1]; a caption or watermark of one line has about 0.01."""
    max_blockiness: Number = None
    """Most blockiness of coarse JPEG; usual: 1, which JPEG of quality 20 has."""
    max_text_area: Number = None
    """Most share of lines of text in [0, 1], with --text-area."""
    max_codes: Number = None
    """Most QR codes and barcodes, with --codes."""
    min_aesthetic_score: Number = None
    """Least aesthetic score, with --aesthetic."""
    max_nsfw_score: Number = None
    """Most NSFW score in [0, 1], with --nsfw; usual: 0.5."""
    min_caption_words: Number = None
    """Least words of the caption; a picture without one has 0."""
    max_caption_words: Number = None
    """Most words of the caption."""
    max_caption_repetition: Number = None
    """Most share of the caption that repeats itself, in [0, 1]."""
    min_caption_similarity: Number = None
    """Least cosine of picture and caption, with --caption-similarity; usual: 0.1."""
    caption_languages: Annotated[list[str], Group.LIMITS] = field(default_factory=list[str])
    """Languages of captions that stay, such as en or en,de, told by curator-text's detector; a caption whose language is not determined, as of a word or two, goes unless und is named. Pictures without a caption stay."""
    embed: Annotated[str | None, Group.MODELS] = None
    """Give pictures a vector by CLIP: "clip" for openai/clip-vit-large-patch14, or a model's folder or hub id."""
    aesthetic: Annotated[str | None, Group.MODELS] = None
    """Score how people would like pictures, with --embed: "laion" for ttj/sac-logos-ava1-l14-linearMSE, or a head's file, folder or hub id."""
    nsfw: Annotated[str | None, Group.MODELS] = None
    """Score what is not safe for work: "open" for Yahoo's open_nsfw, which is old and in the extra nsfw, or the file of LAION's head, with --embed."""
    text_area: Annotated[Flag, Group.MODELS] = False
    """Find text by a network, some 0.3 s per picture; needs the extra text."""
    codes: Annotated[Flag, Group.MODELS] = False
    """Find QR codes and barcodes; needs the extra codes."""
    caption_similarity: Annotated[Flag, Group.MODELS] = False
    """Compare pictures with their captions, with --embed."""
    caption: Annotated[str | None, Group.MODELS] = None
    """Describe pictures: folder or hub id of a vision-language model, or the URL of an OpenAI-compatible endpoint."""
    caption_model: Annotated[str | None, Group.MODELS] = None
    """Name of the model at the endpoint of --caption."""
    prompt: Annotated[str | None, Group.MODELS] = None
    """What to ask about a picture, in own words."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models run."""

    def check_limits(self) -> None:
        """Look at the limits, and at what is to be scored by models.

        Raises:
            SettingsError: A limit is out of its score's range, above the other one, or on a score
                that is not asked for; or a model needs another one.
            InputError: --embed is neither a folder nor of the form of a hub id.
        """
        self._check_models()
        self.check_score_limits()

    def _check_models(self) -> None:
        if self.embed and self.embed != "clip":
            check_model_name(self.embed, option="--embed")
        needs_vectors = {
            "aesthetic": self.aesthetic,
            "nsfw": self.nsfw != "open" and self.nsfw,
            "caption_similarity": self.caption_similarity,
        }
        for name, wanted in needs_vectors.items():
            if wanted and not self.embed:
                raise SettingsError(
                    f"{option_of(name)} needs CLIP's vectors; add --embed clip, or the model."
                )
        for name in ("caption_model", "prompt"):
            if getattr(self, name) and not self.caption:
                raise SettingsError(f"{option_of(name)} has no effect without --caption.")
