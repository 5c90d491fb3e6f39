"""NeMo Curator's stage that asks Nemotron-Parse about pictures of pages."""

import io
import os
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError, StageError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage, Rejection
from curator_text.interleaved.documents import InterleavedBatch

DEFAULT_MODEL_PATH = "nvidia/NVIDIA-Nemotron-Parse-v1.2"
PROMPT_BASE = "</s><s><predict_bbox><predict_classes><output_markdown>"
TRUST_VARIABLE = "CURATOR_TRUST_REMOTE_CODE"
"""Environment variable: with 1 the Python code that a model brings may run."""


def build_task_prompt(*, text_in_pic: bool = False) -> str:
    """What the model is asked: elements with boxes and classes as Markdown, with or without texts in pictures."""
    return f"{PROMPT_BASE}<predict_{'' if text_in_pic else 'no_'}text_in_pic>"


@positional(
    *("model_path", "text_in_pic", "task_prompt", "backend", "inference_batch_size"),
    *("max_num_seqs", "enforce_eager", "engine_kwargs", "name", "resources"),
)
@dataclass(kw_only=True)
class NemotronParseInferenceStage(ProcessingStage[InterleavedBatch, InterleavedBatch]):
    """Write what the model says of each page into `text_content`.

    The model brings its own Python code, which runs only if CURATOR_TRUST_REMOTE_CODE=1 allows it. A page that cannot be
    read, or that the model fails at, goes to quarantine.

    Example:
        >>> NemotronParseInferenceStage("models/nemotron-parse", backend="hf")
    """

    name: str = "nemotron_parse_inference"
    resources: Resources = field(default_factory=lambda: Resources(cpus=4.0, gpus=1.0))
    model_path: str = DEFAULT_MODEL_PATH
    """Folder or hub id of the model."""
    text_in_pic: bool = False
    """Ask for texts in pictures too; from version 1.2 on."""
    task_prompt: str | None = None
    """What is asked; as `build_task_prompt` says unless given."""
    backend: Literal["vllm", "hf"] = "vllm"
    """vLLM (not run yet), or transformers."""
    inference_batch_size: int = 4
    """Pages at a time, with transformers."""
    max_num_seqs: int = 64
    """Pages at a time, with vLLM."""
    enforce_eager: bool = False
    """Of vLLM."""
    engine_kwargs: dict[str, Any] | None = None
    """More for `vllm.LLM`."""
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.backend not in ("vllm", "hf"):
            raise SettingsError(f"backend={self.backend!r} is not known; there are vllm, hf.")
        for name in ("inference_batch_size", "max_num_seqs"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name}={getattr(self, name)} is below 1.")
        self.task_prompt = self.task_prompt or build_task_prompt(text_in_pic=self.text_in_pic)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or its code may not run.
            ResourceError: A package is missing.
        """
        from curator_text.models.page_model import HfPageModel, VllmPageModel

        given: dict[str, Any] = {
            "prompt": self.task_prompt,
            "trust_remote_code": os.environ.get(TRUST_VARIABLE) == "1",
        }
        if self.backend == "hf":
            self._model = HfPageModel(
                self.model_path, batch_size=self.inference_batch_size, **given
            )
            return
        more = {"max_num_seqs": self.max_num_seqs, "enforce_eager": self.enforce_eager}
        self._model = VllmPageModel(
            self.model_path, engine={**more, **(self.engine_kwargs or {})}, **given
        )

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def process(self, task: InterleavedBatch) -> InterleavedBatch | None:
        """The pages with what the model says; None if no page can be read.

        Raises:
            StageError: The stage is not set up.
        """
        if self._model is None:
            raise StageError(f"{self.name} has not been set up.")
        images = [_opened(data) for data in task.data.column("binary_content").to_pylist()]
        readable = [image for image in images if image is not None]
        if not readable:
            self._reject(task, range(len(images)), "page cannot be read as a picture")
            return None
        said = iter(self._model.read(readable))
        answers = [None if image is None else next(said) for image in images]
        broken = [n for n, image in enumerate(images) if image is None]
        self._reject(task, broken, "page cannot be read as a picture")
        failed = [n for n, each in enumerate(answers) if each is None and n not in broken]
        self._reject(task, failed, "the model failed at the page")
        texts = pa.array([each or "" for each in answers], pa.string())
        place = task.data.column_names.index("text_content")
        about = {"proc_size": list(self._model.proc_size), "model_path": self.model_path}
        return InterleavedBatch(
            data=task.data.set_column(place, "text_content", texts),
            dataset_name=task.dataset_name,
            _metadata={**task._metadata, **about},
        )

    def _reject(self, task: InterleavedBatch, rows: Any, reason: str) -> None:
        table = task.data.select(["pdf_name", "position"])
        for row in rows:
            page = table.slice(row, 1).to_pylist()[0]
            file, line = str(page["pdf_name"]), int(page["position"]) + 1
            self.reject(Rejection(file=file, reason=reason, line=line))


def _opened(data: bytes | None) -> Any:
    """A picture of Pillow; None if it is none."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data or b"")) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
