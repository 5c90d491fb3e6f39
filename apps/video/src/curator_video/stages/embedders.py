"""Embed clips by Cosmos-Embed1, as NeMo Curator's stages do."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from curator_engine.errors import InputError, SettingsError
from curator_engine.models.model_names import model_below
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.scores.embed_clips import EmbedClips, Kind
from curator_video.stages.clip_files import note_clips_without_stills
from curator_video.task import VideoTask

VARIABLE = "CURATOR_TRUST_REMOTE_CODE"
"""Environment variable: with 1 the Python code that a model brings may run."""
_VARIANTS = ("224p", "336p", "448p")


def check_variant(variant: str) -> None:
    """Look whether there is such a model.

    Raises:
        SettingsError: There is none.
    """
    if variant not in _VARIANTS:
        raise SettingsError(f"variant={variant!r} is not known; use {', '.join(_VARIANTS)}.")


def trusts_code() -> bool:
    """Whether the Python code that a model brings may run."""
    return os.environ.get(VARIABLE) == "1"


@positional("model_dir", "variant", "target_fps", "verbose", "num_cpus", "name")
@dataclass(kw_only=True)
class CosmosEmbed1FrameCreationStage(ProcessingStage[VideoTask, VideoTask]):
    """Look whether there are pictures of each clip; the embedding stage chooses eight of them."""

    model_dir: str = "models/cosmos_embed1"
    """Accepted: the model is not needed here."""
    variant: str = "336p"
    target_fps: float = 2.0
    """Accepted: there are two per second."""
    verbose: bool = False
    num_cpus: float = 3
    """Accepted: nothing is decoded here."""
    name: str = "cosmos_embed1"

    def __post_init__(self) -> None:
        check_variant(self.variant)

    def process(self, task: VideoTask) -> VideoTask:
        """Note an error on each kept clip without pictures."""
        return note_clips_without_stills(task, self.name)


@positional("model_dir", "variant", "texts_to_verify", "gpu_memory_gb", "verbose", "name")
@dataclass(kw_only=True)
class CosmosEmbed1EmbeddingStage(EmbedClips):
    """Set the vector of each kept clip.

    `model_dir` has the model in the folder nvidia/Cosmos-Embed1-<variant>, or is it; else it is taken
    from the hub. It brings its own Python code, which runs only if CURATOR_TRUST_REMOTE_CODE=1 or
    `trust_remote_code` allows it.
    """

    model_dir: str = "models/cosmos_embed1"
    variant: str = "336p"
    texts_to_verify: Sequence[str] | None = None
    """Refused: search by text is `curator-video search`."""
    gpu_memory_gb: float = 20
    """Of a worker, where there is a GPU."""
    verbose: bool = False
    name: str = "cosmos_embed1_embedding"
    kind: Kind = field(default="cosmos-embed1", init=False)
    model: str = field(default="", init=False)
    trust_remote_code: bool = field(default_factory=trusts_code)

    def __post_init__(self) -> None:
        check_variant(self.variant)
        if self.texts_to_verify:
            raise SettingsError("texts_to_verify is not offered; use curator-video search.")
        self.model = model_below(self.model_dir, f"nvidia/Cosmos-Embed1-{self.variant}")
        super().__post_init__()
        if self.resources.requires_gpu:
            self.resources = Resources(cpus=1.0, gpu_memory_gb=float(self.gpu_memory_gb))

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: Its code may not run, or there is no such model.
        """
        if not self.trust_remote_code:
            raise InputError(
                f"the model {self.model!r} comes with its own Python code; read it, then let it run "
                f"with {VARIABLE}=1."
            )
        super().setup(worker_metadata)
