"""Every score of a clip, declared once: its column, its unit, the options that limit it.

From this table follow the columns of `clips.parquet`, the options of `split` and what they refuse, the
limits that drop clips, and the switches of `ScoreClips`. How a score is computed is in `scores/`.
"""

import inspect
import math
from dataclasses import dataclass, fields
from typing import Annotated, Literal

from curator_engine.commands.settings import Group
from curator_engine.errors import SettingsError
from curator_engine.items.limit import Limit
from curator_engine.items.score_limits import option_of

type Use = Literal["score", "filter", "off"]
"""Only compute a score, also drop by it, or leave it out."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """One score: a column of 64-bit fractions, null where it was not computed.

    Example:
        Score(column="sharpness", meaning="How sharp.", unit="grey levels", least="min_sharpness")
    """

    column: str
    """Its name in `clips.parquet`, in `--where` and on the page."""
    meaning: str
    """One sentence."""
    unit: str
    low: float = 0.0
    """The least that a limit may be."""
    high: float = math.inf
    """The most that a limit may be."""
    least: str = ""
    """The setting with the least value of a clip that is kept; empty if there is none."""
    most: str = ""
    """The setting with the most; likewise."""
    always: bool = True
    """Whether every table has the column; else only those in which a clip has the score."""
    by_model: bool = False
    """Whether a model computes it, so that it has no switch in `ScoreClips`."""

    def limits(self) -> list[tuple[str, bool]]:
        """The settings that limit it, each with whether it is the least."""
        both = ((self.least, True), (self.most, False))
        return [(option, is_least) for option, is_least in both if option]


def _ratio(
    column: str, meaning: str, *, most: str = "", least: str = "", always: bool = True
) -> Score:
    """A score in [0, 1]."""
    return Score(
        column=column,
        meaning=meaning,
        unit="ratio, 0 to 1",
        high=1.0,
        most=most,
        least=least,
        always=always,
    )


_VECTORS = "ratio of height plus width"


@dataclass(frozen=True, kw_only=True)
class ScoreOptions:
    """The options of scores: for each group its use, whose type holds the group's scores, and its limits.

    A clip is dropped as the first group whose limit it breaks, in this order, which is also that of
    the columns. The default limits of motion and aesthetic are NeMo Curator's.
    """

    motion: Annotated[
        Use,
        Score(
            column="motion_global_mean",
            meaning="Mean length of the codec's motion vectors over time and picture.",
            unit=_VECTORS,
            least="min_motion",
        ),
        Score(
            column="motion_per_patch_min_256",
            meaning="The lowest such mean among patches of about 256 pixels.",
            unit=_VECTORS,
            least="min_patch_motion",
        ),
        Score(
            column="frame_difference",
            meaning="How much frames a tenth of a second apart differ.",
            unit="ratio of white",
            least="min_frame_difference",
        ),
        _ratio(
            "frame_difference_per_patch_min",
            "As frame_difference, the lowest among parts of the picture.",
            always=False,
        ),
    ] = "score"
    """Whether clips are also dropped by motion, only scored, or not even that; likewise the next ones."""
    min_motion: Annotated[float, Group.LIMITS] = 0.00098
    """Least motion_global_mean, with --motion filter."""
    min_patch_motion: Annotated[float, Group.LIMITS] = 1e-6
    """Least motion_per_patch_min_256, with --motion filter."""
    min_frame_difference: Annotated[float, Group.LIMITS] = 0.003
    """Least frame_difference, with --motion filter, where the codec has no motion vectors."""

    sharpness: Annotated[
        Use,
        Score(
            column="sharpness",
            meaning="Middle variance of the Laplacian; below about 10 is blurred or flat.",
            unit="squared grey levels of 0 to 255",
            least="min_sharpness",
        ),
    ] = "score"
    """Drop by sharpness, score it, or neither."""
    min_sharpness: Annotated[float, Group.LIMITS] = 10.0
    """Least sharpness, with --sharpness filter."""

    exposure: Annotated[
        Use,
        _ratio("brightness", "Mean grey.", least="min_brightness", most="max_brightness"),
        _ratio("contrast", "Spread of grey.", least="min_contrast"),
        _ratio(
            "clipped_ratio",
            "Share of the points that are at the darkest or at the brightest.",
            always=False,
        ),
    ] = "score"
    """Drop by brightness and contrast, score them, or neither."""
    min_brightness: Annotated[float, Group.LIMITS] = 0.05
    """Least brightness in [0, 1], with --exposure filter."""
    max_brightness: Annotated[float, Group.LIMITS] = 0.95
    """Most brightness in [0, 1], with --exposure filter."""
    min_contrast: Annotated[float, Group.LIMITS] = 0.02
    """Least contrast in [0, 1], with --exposure filter."""

    black: Annotated[
        Use, _ratio("black_ratio", "Share of the frames that are black.", most="max_black_ratio")
    ] = "score"
    """Drop by black frames, score them, or neither."""
    max_black_ratio: Annotated[float, Group.LIMITS] = 0.5
    """Most black_ratio in [0, 1], with --black filter."""

    frozen: Annotated[
        Use,
        _ratio(
            "frozen_ratio", "Share of the time in which nothing changes.", most="max_frozen_ratio"
        ),
    ] = "score"
    """Drop by frozen time, score it, or neither."""
    max_frozen_ratio: Annotated[float, Group.LIMITS] = 0.9
    """Most frozen_ratio in [0, 1], with --frozen filter."""

    blockiness: Annotated[
        Use,
        _ratio(
            "blockiness",
            "How much larger steps are on the borders of 8 x 8 blocks than inside them; above 0.5 they are seen.",
            most="max_blockiness",
        ),
    ] = "score"
    """Drop by the blocks of coarse coding, score them, or neither."""
    max_blockiness: Annotated[float, Group.LIMITS] = 0.5
    """Most blockiness in [0, 1], with --blockiness filter."""

    letterbox: Annotated[
        Use,
        _ratio(
            "letterbox_ratio",
            "Share of the picture that is black bars.",
            most="max_letterbox_ratio",
        ),
    ] = "score"
    """Drop by bars around the picture, score them, or neither."""
    max_letterbox_ratio: Annotated[float, Group.LIMITS] = 0.3
    """Most letterbox_ratio in [0, 1], with --letterbox filter."""

    text: Annotated[
        Use,
        _ratio(
            "text_ratio",
            "Share of the picture that is writing which stays in its place.",
            most="max_text_ratio",
        ),
    ] = "score"
    """Drop by writing over the picture, score it, or neither."""
    max_text_ratio: Annotated[float, Group.LIMITS] = 0.08
    """Most text_ratio in [0, 1], with --text filter."""

    damage: Annotated[
        Use,
        _ratio(
            "damaged_ratio",
            "Share of the frames that are damaged or missing.",
            most="max_damaged_ratio",
        ),
    ] = "score"
    """Drop by frames that are damaged or missing, score them, or neither."""
    max_damaged_ratio: Annotated[float, Group.LIMITS] = 0.0
    """Most damaged_ratio in [0, 1], with --damage filter."""

    aesthetic: Annotated[
        Use,
        Score(
            column="aesthetic",
            meaning="How people would like the picture, by the head of --aesthetic-head.",
            unit="points, about 1 to 10",
            low=-math.inf,
            least="min_aesthetic",
            by_model=True,
        ),
    ] = "score"
    """Drop by how people would like the picture, score it, or neither; needs --aesthetic-model."""
    min_aesthetic: Annotated[float, Group.LIMITS] = 3.5
    """Least aesthetic, with --aesthetic filter."""

    def score_limits(self, *, in_force: bool) -> list[Limit]:
        """The limits that clips are dropped by, or those that they are not dropped by."""
        return [
            Limit(group=group, score=score.column, value=getattr(self, option), least=least)
            for group, score, option, least in _limits()
            if (getattr(self, group) == "filter") == in_force
        ]

    def idle_limits(self) -> list[str]:
        """What to say of limits that were set and drop nothing, as their score is not filtered by."""
        default = {each.name: each.default for each in fields(self)}
        return [
            f"{option_of(name)} is only shown on the page; --{group} filter drops by it"
            for group, _, name, _ in _limits()
            if getattr(self, group) != "filter" and getattr(self, name) != default[name]
        ]

    def check_limits(self) -> None:
        """Look at the limits.

        Raises:
            SettingsError: One is out of its score's range.
        """
        for _, score, name, _ in _limits():
            value = getattr(self, name)
            if not score.low <= value <= score.high:
                wrong = "is below 0" if math.isinf(score.high) else "is not in [0, 1]"
                raise SettingsError(f"{option_of(name)} {value} {wrong}.")


SCORES: dict[str, list[Score]] = {
    name: [extra for extra in hint.__metadata__ if isinstance(extra, Score)]
    for name, hint in inspect.get_annotations(ScoreOptions).items()
    if any(isinstance(extra, Score) for extra in hint.__metadata__)
}
"""The scores of each group."""
SCORE_COLUMNS = tuple(
    score.column for scores in SCORES.values() for score in scores if score.always
)
"""Scores that have a column in every table; others get one behind these, in order of their names."""
SWITCHES = tuple(
    group for group, scores in SCORES.items() if not any(score.by_model for score in scores)
)
"""Groups of scores that need no model."""


def _limits() -> list[tuple[str, Score, str, bool]]:
    """Every limit: the group, the score, the setting, and whether it is the least."""
    return [
        (group, score, *limit)
        for group, scores in SCORES.items()
        for score in scores
        for limit in score.limits()
    ]
