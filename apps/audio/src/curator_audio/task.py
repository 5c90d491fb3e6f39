"""Tasks of the audio app: entries of manifests, and segments of recordings; none carries a file's samples."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator_engine.items.item import Item
from curator_engine.positional import positional
from curator_engine.task import Task


class Entry(dict[str, Any]):
    """An entry of a manifest: a dict whose keys are attributes as well.

    Example:
        >>> Entry(audio_filepath="a.wav").audio_filepath
        'a.wav'
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __reduce__(self) -> tuple[Any, ...]:
        """Else pickle would take the keys for its own hooks."""
        return Entry, (dict(self),)


@positional("_stage_perf", "_metadata", "task_id", "dataset_name", "data", "filepath_key")
@dataclass(kw_only=True)
class AudioTask(Task[dict[str, Any]]):
    """One entry of a manifest, as NeMo Curator's stages have it.

    Example:
        >>> AudioTask(data={"audio_filepath": "a.wav", "text": "hello"}).data["text"]
        'hello'
    """

    data: dict[str, Any] = field(default_factory=Entry)
    filepath_key: str | None = None
    """The key of the path of the recording; with one, `validate` looks whether the file is there."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a dict that becomes the data gets attributes too."""
        is_plain = name == "data" and isinstance(value, dict) and not isinstance(value, Entry)
        super().__setattr__(name, Entry(value) if is_plain else value)

    @property
    def num_items(self) -> int:
        """One."""
        return 1

    def validate(self) -> bool:
        """Whether the recording is there, where it is known under which key its path is."""
        key = self.filepath_key
        return key is None or (key in self.data and Path(str(self.data[key])).exists())

    def fork(self) -> "AudioTask":
        """A copy with an entry of its own."""
        twin = super().fork()
        twin.data = Entry(self.data)
        return twin


@dataclass(kw_only=True)
class Segment(Item):
    """A span of a recording, without its samples.

    Example:
        >>> Segment(uuid="0a", path="talk.flac", start_s=2.5, end_s=7.0).seconds
        4.5
    """

    path: str = ""
    """The recording's file."""
    start_s: float = 0.0
    """From the recording's first sample."""
    end_s: float = 0.0
    text: str = ""
    """What is said, by who made the recording or by a recogniser."""
    speech: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Where somebody speaks in it: first and last second, of the recording; empty if that is not known."""
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    """Columns of `segments.parquet` that are no scores."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


@dataclass(kw_only=True)
class AudioBatch(Task[list[Segment]]):
    """The segments of recordings that go through the stages together."""

    data: list[Segment] = field(default_factory=list[Segment])

    @property
    def num_items(self) -> int:
        """Segments."""
        return len(self.data)

    def kept(self) -> list[Segment]:
        """Those that no stage has dropped."""
        return [segment for segment in self.data if not segment.drop_reason]
