"""Judges of what a text could do: Aegis's classes of harm, and NVIDIA's guard against poisoned instructions.

Both stand on Llama Guard with an adapter; `models/guard_files.py` says where their files are.
"""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator_engine.device import Device
from curator_engine.task import ArrowArray, short_hash
from curator_text.classifiers.judges import Columns, FolderJudge
from curator_text.classifiers.kinds import AEGIS_CHARS, HALF
from curator_text.classifiers.safety_prompt import LABELS, asked, label_in, prompt_template
from curator_text.models.classifier_files import folder_of
from curator_text.models.guard_files import MOST_TOKENS, adapter_of, base_of


@dataclass(kw_only=True)
class GuardJudge(FolderJudge):
    """A guard, whichever of both; its model is the adapter or the head."""

    _guard: Any = None

    @property
    @abstractmethod
    def files(self) -> dict[str, str]:
        """What `GuardModel` is made of, but for the base."""

    def load(self, device: Device) -> None:
        """Load tokenizer and model."""
        from curator_text.models.guard_model import GuardModel
        from curator_text.models.text_classifier import TextTokenizer

        files = self.files
        base = base_of(self.model)
        for part, name in {"base": base, "adapter": files["adapter"]}.items():
            folder_of(name, into=f"{self.model}/{part}" if Path(self.model).is_dir() else "")
        self._tokenizer = TextTokenizer(base, max_seq_length=MOST_TOKENS)
        self._guard = GuardModel(
            base, adapter=files["adapter"], head=files.get("head"), device=device
        )


@dataclass(kw_only=True)
class AegisJudge(GuardJudge):
    """Says which class of harm a text is of."""

    prompt_file: str | None = None
    """The question, with `{text}`; None for ours."""

    @property
    def fields(self) -> dict[str, Any]:
        """The label."""
        return {"aegis_pred": pa.string()}

    @property
    def label_field(self) -> str:
        """The only column."""
        return "aegis_pred"

    @property
    def labels(self) -> list[str]:
        """Safe, a class, or unknown where the model says neither."""
        return list(LABELS)

    @property
    def key(self) -> str:
        """With what is asked."""
        return short_hash(super().key, prompt_template(self.prompt_file))

    @property
    def files(self) -> dict[str, str]:
        """The adapter."""
        return {"adapter": self.model}

    def judge(self, texts: ArrowArray, *, batch_size: int) -> tuple[Columns, int]:
        """The labels; of a text, as much is asked about as fits."""
        template = prompt_template(self.prompt_file)
        given: list[Any] = texts.to_pylist()
        ids, cut = list[list[int]](), 0
        for text in given:
            shown = self._that_fits(text[:AEGIS_CHARS], template)
            ids += self._tokenizer.tokens([asked(shown, template)])[0]
            cut += len(shown) < len(text)
        answers = self._guard.answers(ids, batch_size=batch_size)
        return {"aegis_pred": [label_in(each) for each in answers]}, cut

    def _that_fits(self, text: str, template: str) -> str:
        """The beginning of a text with which the end of the question is not cut off."""
        while text and self._tokenizer.tokens([asked(text, template)])[1]:
            text = text[: len(text) * 3 // 4]
        return text


@dataclass(kw_only=True)
class PoisonJudge(GuardJudge):
    """Says how likely an instruction and its answer are poisoned."""

    @property
    def fields(self) -> dict[str, Any]:
        """Whether it is, and how likely."""
        return {"is_poisoned": pa.bool_(), "instruction_data_guard_poisoning_score": pa.float64()}

    @property
    def label_field(self) -> str:
        """From a half on it is."""
        return "is_poisoned"

    @property
    def labels(self) -> list[str]:
        """As JSON has them."""
        return ["true", "false"]

    @property
    def files(self) -> dict[str, str]:
        """The head, and the adapter that it is for."""
        return {"adapter": adapter_of(self.model), "head": self.model}

    def judge(self, texts: ArrowArray, *, batch_size: int) -> tuple[Columns, int]:
        """The scores, and whether they are a half or more."""
        given: list[Any] = texts.to_pylist()
        ids, cut = self._tokenizer.tokens(given)
        scores: list[float] = self._guard.poisoned(ids, batch_size=batch_size).tolist()
        names = list(self.fields)
        return {names[0]: [score >= HALF for score in scores], names[1]: scores}, cut
