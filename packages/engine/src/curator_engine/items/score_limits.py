"""The scores of an app, and the options that limit them: `min_COLUMN` and `max_COLUMN` of its settings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from curator_engine.errors import SettingsError
from curator_engine.items.limit import Limit
from curator_engine.items.score_chart import Line


@dataclass(frozen=True, kw_only=True)
class Score:
    """One score: a column of 64-bit fractions, null where it was not computed.

    Example:
        >>> Score(
        ...     column="snr", group="noise", meaning="Signal to noise.", unit="dB", least=10.0
        ... ).low
        0.0
    """

    column: str
    """Its name in the table, in `--where` and on the page."""
    group: str
    """What an item is dropped as."""
    meaning: str
    """One sentence."""
    unit: str
    low: float = 0.0
    """The least that a limit may be."""
    high: float = math.inf
    """The most."""
    least: float | None = None
    """The least of a kept item with --limits usual."""
    most: float | None = None
    """The most, likewise."""
    made_by: str = ""
    """The setting that asks for it, where not every run has it."""


@dataclass(frozen=True, kw_only=True)
class ScoreLimits:
    """Settings with limits on scores; a subclass names its scores and has the options.

    Example:
        >>> @dataclass(frozen=True, kw_only=True)
        ... class Options(ScoreLimits):
        ...     limits: Literal["none", "usual"] = "none"
        ...     min_snr: float | None = None
        ...     scores_of = (Score(column="snr", group="noise", meaning="", unit="dB"),)
        >>> Options(min_snr=10.0).score_limits()[0].value
        10.0
    """

    scores_of: ClassVar[tuple[Score, ...]] = ()
    """In the order in which limits are looked at."""
    limits: Literal["none", "usual"] = "none"

    def score_limits(self) -> list[Limit]:
        """The limits that items are dropped by, in the order of the table."""
        return [
            Limit(group=score.group, score=score.column, value=value, least=least)
            for score, name, least in self.limit_options()
            if (value := self._value(score, name, least=least)) is not None
        ]

    def measures(self, score: Score) -> bool:
        """Whether these settings ask for a score."""
        off = (None, False, "", "off")
        return not score.made_by or getattr(self, score.made_by, True) not in off

    def limit_options(self) -> list[tuple[Score, str, bool]]:
        """Every limit that is an option: the score, the setting, and whether it is the least."""
        return limits_of(self.scores_of, type(self))

    @classmethod
    def lines(cls, settings: Mapping[str, Any]) -> dict[str, list[Line]]:
        """The limits on each score, as its chart marks them.

        Args:
            settings: Of a run; others than those of limits may be there.
        """
        names = {each.name for each in fields(cls)}
        found: dict[str, list[Line]] = {}
        for each in cls(**{n: v for n, v in settings.items() if n in names}).score_limits():
            line = Line(value=each.value, least=each.least, in_force=True)
            found.setdefault(each.score, []).append(line)
        return found

    @classmethod
    def meanings(cls) -> dict[str, str]:
        """What each score says, in a sentence, and its unit."""
        return {each.column: f"{each.meaning} Unit: {each.unit}." for each in cls.scores_of}

    def check_score_limits(self) -> None:
        """Look at the limits.

        Raises:
            SettingsError: A limit is out of its score's range, above the other one, or on a score
                that is not asked for.
        """
        for score, name, _ in self.limit_options():
            if (value := getattr(self, name)) is not None:
                self._check(score, name, value)
        for score in self.scores_of:
            least, most = (getattr(self, f"{end}_{score.column}", None) for end in ("min", "max"))
            if least is not None and most is not None and least > most:
                column = score.column.replace("_", "-")
                raise SettingsError(
                    f"--min-{column} {least:g} is above --max-{column} {most:g}: "
                    "nothing would be kept."
                )

    def _check(self, score: Score, name: str, value: float) -> None:
        if not self.measures(score):
            raise SettingsError(
                f"{option_of(name)} has no effect without {option_of(score.made_by)}."
            )
        if not score.low <= value <= score.high:
            least = f"at least {score.low:g}" if score.low > -math.inf else ""
            most = f"at most {score.high:g}" if score.high < math.inf else ""
            range_ = " and ".join(filter(None, (least, most)))
            raise SettingsError(f"{option_of(name)} {value:g} must be {range_}.")

    def _value(self, score: Score, name: str, *, least: bool) -> float | None:
        if (given := getattr(self, name)) is not None or self.limits == "none":
            return given
        return score.least if least else score.most


def limits_of(scores: Sequence[Score], options: type) -> list[tuple[Score, str, bool]]:
    """Every limit that is an option: the score, the setting, and whether it is the least."""
    return [
        (score, name, end == "min")
        for score in scores
        for end in ("min", "max")
        if (name := f"{end}_{score.column}") in options.__dataclass_fields__
    ]


def option_of(name: str) -> str:
    """A setting as it is written on the command line."""
    return f"--{name.replace('_', '-')}"
