"""What judges texts, whichever kind of model it is: which columns it gives, which labels it has, and its answers.

A judge is light until it is opened: what it gives is known from the files beside its weights.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator_engine.device import Device
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.task import ArrowArray, short_hash
from curator_text.classifiers.kinds import HALF, SCORE_LABELS, Kind, middle
from curator_text.filters.fasttext_filters import load_fasttext
from curator_text.filters.linear_filter import load_linear
from curator_text.models.classifier_files import folder_of, read_config

_FASTTEXT = (".bin", ".ftz")

type Columns = dict[str, list[Any]]


@dataclass(kw_only=True)
class Judge(ABC):
    """Gives each text a label and scores."""

    is_heavy = False
    """Whether it computes on a GPU where there is one, and else on all processors by itself."""

    @property
    @abstractmethod
    def fields(self) -> dict[str, Any]:
        """The columns that it gives, with their types."""

    @property
    @abstractmethod
    def label_field(self) -> str:
        """The column of the label."""

    @property
    def labels(self) -> list[str]:
        """The labels that it may give; [] if that is not known."""
        return []

    @property
    @abstractmethod
    def key(self) -> str:
        """Changes with whatever an answer depends on."""

    @abstractmethod
    def open(self, device: Device) -> None:
        """Load it."""

    @abstractmethod
    def judge(self, texts: ArrowArray, *, batch_size: int) -> tuple[Columns, int]:
        """The columns of its answers, and how many texts were cut to what it sees."""


@dataclass(kw_only=True)
class LinearJudge(Judge):
    """A model of `train`."""

    path: str

    @property
    def fields(self) -> dict[str, Any]:
        """A label, and the score."""
        return {"model_label": pa.string(), "model_score": pa.float64()}

    @property
    def label_field(self) -> str:
        """Good from a score of 0.5 on."""
        return "model_label"

    @property
    def labels(self) -> list[str]:
        """As in the model's training."""
        return ["good", "bad"]

    @property
    def key(self) -> str:
        """The model's."""
        return load_linear(self.path).key

    def open(self, device: Device) -> None:
        """Read the model; it computes on processors only."""
        load_linear(self.path)

    def judge(self, texts: ArrowArray, *, batch_size: int) -> tuple[Columns, int]:
        """The scores."""
        scores = load_linear(self.path).scores(texts).tolist()
        labels = ["good" if score >= HALF else "bad" for score in scores]
        return {"model_label": labels, "model_score": scores}, 0


@dataclass(kw_only=True)
class FastTextJudge(Judge):
    """A supervised model of fastText."""

    path: str

    @property
    def fields(self) -> dict[str, Any]:
        """The likeliest label without its prefix, and its probability."""
        return {"model_label": pa.string(), "model_score": pa.float64()}

    @property
    def label_field(self) -> str:
        """The likeliest."""
        return "model_label"

    @property
    def key(self) -> str:
        """Of the file's size and time."""
        return stamps(Path(self.path))

    def open(self, device: Device) -> None:
        """Read the model; it computes on processors only."""
        load_fasttext(self.path)

    def judge(self, texts: ArrowArray, *, batch_size: int) -> tuple[Columns, int]:
        """The likeliest label of each; none for a text without a word that is known."""
        model, lines = load_fasttext(self.path), texts.to_pylist()
        found = [model.predict(" ".join(str(line).split()), k=1) for line in lines]
        labels = [
            str(names[0]).removeprefix("__label__") if len(names) else None for names, _ in found
        ]
        scores = [min(1.0, float(probs[0])) if len(probs) else None for _, probs in found]
        return {"model_label": labels, "model_score": scores}, 0


@dataclass(kw_only=True)
class FolderJudge(Judge):
    """A model of the extra `models`: a folder, or an id on the hub."""

    model: str
    """Folder or hub id."""
    is_heavy = True
    _tokenizer: Any = None

    @property
    def key(self) -> str:
        """Of the sizes and times of a folder's files."""
        files = sorted(each for each in Path(self.model).rglob("*") if each.is_file())
        return short_hash(self.model, *map(stamps, files))

    def open(self, device: Device) -> None:
        """Load tokenizer and model."""
        try:
            self.load(device)
        except ImportError as error:
            raise ResourceError(
                f"the model {self.model!r} needs the extra 'models' of curator-text; install it."
            ) from error

    @abstractmethod
    def load(self, device: Device) -> None:
        """The same; what is not installed is an ImportError."""


@dataclass(kw_only=True)
class NetworkJudge(FolderJudge):
    """A network of transformers."""

    kind: Kind
    _network: Any = None

    @property
    def fields(self) -> dict[str, Any]:
        """As its kind says."""
        return self.kind.fields

    @property
    def label_field(self) -> str:
        """As its kind says."""
        return self.kind.label_field

    @property
    def labels(self) -> list[str]:
        """As its configuration says."""
        if self.kind.head == "score":
            return list(SCORE_LABELS)
        config = read_config(folder_of(self.model))
        named = config.get("task_type_map" if self.kind.head == "prompt" else "id2label")
        return [str(each) for each in (named or {}).values()]

    def load(self, device: Device) -> None:
        """Load tokenizer and network."""
        from curator_text.models.text_classifier import TextClassifier, TextTokenizer

        kind = self.kind
        self._tokenizer = TextTokenizer(
            self.model, max_chars=kind.max_chars, max_seq_length=kind.max_seq_length
        )
        self._network = TextClassifier(
            self.model, head=kind.head, device=device, pad=self._tokenizer.pad
        )

    def judge(self, texts: ArrowArray, *, batch_size: int) -> tuple[Columns, int]:
        """The answers of the network."""
        given: list[Any] = texts.to_pylist()
        chars = self.kind.middle_chars
        shown = [text if chars is None else middle(text, chars) for text in given]
        ids, cut = self._tokenizer.tokens(shown)
        cut += sum(len(a) < len(b) for a, b in zip(shown, given, strict=True))
        found: Columns = self._network.predict(ids, batch_size=batch_size)
        if "probs" in found:
            found["prob"] = [max(each) for each in found["probs"]]
        if self.kind.head == "prompt":
            return found, cut
        return {name: found[role] for role, name in self.kind.columns.items()}, cut


def check_labels(judge: Judge, wanted: list[str]) -> None:
    """Make sure that labels are ones that a judge may give.

    Raises:
        SettingsError: One is not.
    """
    known = judge.labels
    for label in wanted:
        if known and label not in known:
            several = " Give --filter-by once for each." if "," in label else ""
            raise SettingsError(
                f"--filter-by {label}: the classifier has no such label; it has {', '.join(known[:40])}.{several}"
            )


def stamps(path: Path) -> str:
    """Changes with a file."""
    stat = path.stat()
    return f"{path.name} {stat.st_size} {stat.st_mtime_ns}"
