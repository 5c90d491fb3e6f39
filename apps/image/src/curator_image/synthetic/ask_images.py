"""NeMo Curator's base of stages that ask a vision-language model about each picture, behind any client.

A subclass writes the question and takes the answer. A picture that cannot be read, or gets no answer, goes
on as an invalid sample with its reason; one that need not be asked about goes on as it is.
"""

from abc import abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from curator_engine.errors import PipelineError, StorageError
from curator_engine.models.ask_together import Client, ask_each
from curator_engine.models.endpoint import EndpointError, data_url
from curator_engine.models.llm_client import GenerationConfig
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.synthetic.sample_pictures import fail, pixels_of
from curator_image.task import ImageSampleTask, ImageTaskData

_QUALITY = 95
"""Of the JPEG that is sent: small writing stays legible."""


class SkipSample(Exception):
    """Raised by `build_prompt` or `handle_response`: the sample goes on as it is."""


@positional("client", "model_name")
@dataclass(kw_only=True)
class ModelProcessingStage[T: ImageTaskData](
    ProcessingStage[ImageSampleTask[T], ImageSampleTask[T]]
):
    """Ask about each picture: write `build_prompt` and `handle_response`.

    Example:
        >>> class Describe(ModelProcessingStage[ImageTaskData]):
        ...     def build_prompt(self, task):
        ...         return "What is in the picture?"
        ...
        ...     def handle_response(self, task, response):
        ...         task._metadata["caption"] = response
        ...         return task
    """

    client: Client
    """Whom to ask, such as `AsyncOpenAIClient`, which has its own limit of questions at a time."""
    model_name: str
    """Name of the model there."""
    max_tokens: int = 2048
    """Of an answer, at most."""
    temperature: float = 0.0
    top_p: float = 1.0
    batch_size: int | None = 8
    """Pictures that are asked about together."""
    max_side: int = 2048
    """Pixels of the longer side of a picture that is sent; larger ones are made smaller."""
    multimodal: ClassVar[bool] = True
    """Whether the picture is sent; without it only the question is."""

    @property
    def generation_config(self) -> GenerationConfig:
        """How an answer is drawn."""
        return GenerationConfig(
            max_tokens=self.max_tokens, temperature=self.temperature, top_p=self.top_p
        )

    @abstractmethod
    def build_prompt(self, task: ImageSampleTask[T]) -> str:
        """The question about a sample.

        Raises:
            SkipSample: There is nothing to ask.
            Exception: The sample is invalid for this reason.
        """

    @abstractmethod
    def handle_response(self, task: ImageSampleTask[T], response: str) -> ImageSampleTask[T]:
        """Take the answer into the sample.

        Raises:
            SkipSample: The sample stays as it is.
            Exception: The sample is invalid for this reason.
        """

    def load_image(self, task: ImageSampleTask[T]) -> Image.Image:
        """The picture that is sent.

        Raises:
            UnreadableFileError: Its file cannot be read.
            PictureError: It is no picture, or a damaged one.
        """
        return Image.fromarray(pixels_of(task.data, side=self.max_side))

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Connect."""
        self.client.setup()

    def process(self, task: ImageSampleTask[T]) -> ImageSampleTask[T]:
        """Ask about one sample.

        Raises:
            EndpointError: The endpoint answers no question, as with a wrong key.
        """
        return self.process_batch([task])[0]

    def process_batch(self, tasks: list[ImageSampleTask[T]]) -> list[ImageSampleTask[T]]:
        """Ask about valid samples, several at a time.

        Raises:
            EndpointError: The endpoint answers no question, as with a wrong key.
        """
        asked: list[int] = []
        questions: list[list[dict[str, Any]]] = []
        for number, task in enumerate(tasks):
            if task.data.is_valid and (question := self._question(task)) is not None:
                asked.append(number)
                questions.append(question)
        found = ask_each(
            self.client, questions, model=self.model_name, config=self.generation_config
        )
        done = list(tasks)
        for number, answer in zip(asked, found, strict=True):
            done[number] = self._answered(tasks[number], answer)
        self.log_metric("asked", len(asked))
        self.log_metric("invalid", sum(not task.data.is_valid for task in done))
        return done

    def _question(self, task: ImageSampleTask[T]) -> list[dict[str, Any]] | None:
        """The chat messages about a sample; None if there is nothing to ask."""
        with self._failing(task):
            content: list[dict[str, Any]] = []
            if self.multimodal:
                rgb = np.asarray(self.load_image(task).convert("RGB"))
                url = data_url(rgb, quality=_QUALITY)
                content.append({"type": "image_url", "image_url": {"url": url}})
            content.append({"type": "text", "text": self.build_prompt(task)})
            return [{"role": "user", "content": content}]
        return None

    def _answered(
        self, task: ImageSampleTask[T], answer: list[str] | Exception
    ) -> ImageSampleTask[T]:
        """The sample with its answer, or with the reason why there is none."""
        if isinstance(answer, EndpointError) and answer.final:
            raise answer
        with self._failing(task):
            if isinstance(answer, Exception):
                raise answer
            return self.handle_response(task, answer[0] if answer else "")
        return task

    def _failing(self, task: ImageSampleTask[T]) -> "_Failing":
        return _Failing(task.data, self.name)


class _Failing(AbstractContextManager[None, bool]):
    """A block whose failure makes a sample invalid; what is wrong with the environment is raised."""

    def __init__(self, data: ImageTaskData, stage: str) -> None:
        self._data, self._stage = data, stage

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> bool:
        if isinstance(error, SkipSample):
            return True
        if not isinstance(error, Exception) or isinstance(error, StorageError | PipelineError):
            return False
        fail(self._data, self._stage, error)
        return True
