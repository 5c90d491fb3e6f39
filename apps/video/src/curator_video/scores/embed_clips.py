"""Give each clip a vector: by a visual fingerprint, or by a model that knows what is shown.

Frames come from the track's stills, two per second and up to 256 pixels, so nothing is decoded.
"""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import batched
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from curator_engine.device import Device, choose_device
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.vectors.matrix import Matrix
from curator_video.read.track import Track, open_track
from curator_video.scores.fingerprint import fingerprint
from curator_video.task import Clip, VideoTask

type Kind = Literal["fingerprint", "clip", "cosmos-embed1", "internvideo2"]

EMBEDDING_NAMES: dict[str, str] = {
    "fingerprint": "fingerprint",
    "clip": "clip",
    "cosmos-embed1": "ce1",
    "internvideo2": "iv2",
}
"""By kind, the key in `Clip.embeddings`, which also begins the name of the output's folder."""

_AT_ONCE = 32
"""Clips that a model is given together, so that a long video's stills are not all in memory."""
_CLASSES = {
    "clip": ("curator_engine.models.clip", "Clip"),
    "cosmos-embed1": ("curator_video.models.cosmos_embed1", "CosmosEmbed1"),
    "internvideo2": ("curator_video.models.internvideo2", "InternVideo2"),
}


class VideoModel(Protocol):
    """What turns clips, and texts, into vectors of one space."""

    num_frames: int
    """Frames that it looks at per clip."""

    def embed(self, clips: list[NDArray[np.uint8]]) -> Matrix:
        """Vectors of length one, shape (clips, dims); a clip is RGB, (frames, height, width, 3)."""
        ...

    def embed_texts(self, texts: list[str]) -> Matrix:
        """Vectors of length one, shape (texts, dims)."""
        ...


def check_models(option: str) -> None:
    """Look whether what runs models is installed: for use before any work.

    Args:
        option: What asks for a model.

    Raises:
        ResourceError: It is not.
    """
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            raise ResourceError(
                f"{option} needs the extra 'models' of curator-video ({package} is missing); install it."
            )


def load_video_model(
    kind: str, name: str, *, device: Device = "auto", trust_remote_code: bool = False
) -> VideoModel:
    """Load a model.

    Args:
        kind: clip, cosmos-embed1 or internvideo2.
        name: Its folder, or its id on the hub.
        device: Where to compute.
        trust_remote_code: Let Python code in the folder run, which the last two kinds need.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or there is no GPU.
    """
    check_models(f"--embed {kind}")
    module, of = _CLASSES[kind]
    found = importlib.import_module(module)
    options = {} if kind == "clip" else {"trust_remote_code": trust_remote_code}
    return getattr(found, of)(name, device=device, **options)


@dataclass(kw_only=True)
class EmbedClips(ProcessingStage[VideoTask, VideoTask]):
    """Set the embedding of each clip that is kept."""

    kind: Kind = "fingerprint"
    model: str = ""
    """Folder or hub id; not for the fingerprint."""
    trust_remote_code: bool = False
    device: Device = "auto"
    skip_dropped: bool = True
    """Leave clips without an embedding that are dropped already."""
    _model: VideoModel | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in EMBEDDING_NAMES:
            raise SettingsError(
                f"there are no embeddings {self.kind!r}; choose {', '.join(EMBEDDING_NAMES)}."
            )
        if (self.kind == "fingerprint") == bool(self.model):
            raise SettingsError(
                f"embeddings {self.kind!r} with model={self.model!r}: all but the fingerprint need a model."
            )
        if self.model and choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=0.25)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model."""
        if self.model:
            self._model = load_video_model(
                self.kind,
                self.model,
                device=self.device,
                trust_remote_code=self.trust_remote_code,
            )

    def process(self, task: VideoTask) -> VideoTask:
        """Set the embeddings; a clip of which there are no frames has an error instead."""
        clips = [c for c in task.data.clips if not (self.skip_dropped and c.drop_reason)]
        if not clips:
            return task
        track, key = open_track(task.data.track), EMBEDDING_NAMES[self.kind]
        if self._model is None:
            for clip in clips:
                clip.embeddings[key] = fingerprint(track, clip.frames)
                track.release()
            return task
        for group in batched(clips, _AT_ONCE):
            _embed_with(self._model, group, track, key)
            track.release()
        return task

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None


def _embed_with(model: VideoModel, clips: Iterable[Clip], track: Track, key: str) -> None:
    seen: list[tuple[Clip, NDArray[np.uint8]]] = []
    for clip in clips:
        frames = frames_of(track, clip.frames, count=model.num_frames)
        if len(frames):
            seen.append((clip, frames))
        else:
            clip.errors["embed"] = "the track holds no still of the clip"
    vectors: Any = model.embed([frames for _, frames in seen]) if seen else ()
    for (clip, _), vector in zip(seen, vectors, strict=True):
        clip.embeddings[key] = vector


def frames_of(track: Track, frames: tuple[int, int], *, count: int) -> NDArray[np.uint8]:
    """Evenly spread stills of frames [start, end), shape (count, height, width, 3).

    Where there are fewer stills some come several times; empty if the track has none at all.
    """
    within = track.stills_within(frames)
    have = within.stop - within.start
    if have <= 0:
        return np.empty((0, 0, 0, 3), np.uint8)
    places = ((np.arange(count) + 0.5) / count * have).astype(np.int64)
    return track.pictures(places + within.start)
