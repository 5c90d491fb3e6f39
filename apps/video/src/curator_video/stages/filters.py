"""Filter clips by motion and by how they look, as NeMo Curator's stages do."""

from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.device import Device, choose_device
from curator_engine.errors import SettingsError
from curator_engine.items.limit import Limit
from curator_engine.models.model_names import AESTHETIC, AESTHETIC_FILE, CLIP, model_below
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.score_table import SWITCHES
from curator_video.scores.drop_clips import ClipFilter
from curator_video.scores.score_clips import ScoreClips
from curator_video.task import Clip, VideoTask

_OFF = dict.fromkeys(SWITCHES, False)


@positional("num_cpus_per_worker", "verbose", "target_fps", "target_duration_ratio", "name")
@dataclass(kw_only=True)
class MotionVectorDecodeStage(ProcessingStage[VideoTask, VideoTask]):
    """Set the motion scores of clips, from the vectors that were kept when the video was decoded.

    They are two per second over the whole clip; a clip whose codec has none has no score of them.
    """

    num_cpus_per_worker: float = 6.0
    """Accepted: nothing is decoded here."""
    verbose: bool = False
    target_fps: float = 2.0
    """Accepted: there are two per second."""
    target_duration_ratio: float = 0.5
    """Accepted: the whole clip counts."""
    name: str = "motion_vector_decoding"

    def process(self, task: VideoTask) -> VideoTask:
        """Set the scores."""
        return ScoreClips(**{**_OFF, "motion": True}).process(task)


@positional(
    *("score_only", "global_mean_threshold", "per_patch_min_256_threshold"),
    *("num_gpus_per_worker", "motion_filter_batch_size", "verbose", "name"),
)
@dataclass(kw_only=True)
class MotionFilterStage(ClipFilter):
    """Drop clips that hardly move; `MotionVectorDecodeStage` goes before.

    A clip without motion vectors stays.
    """

    score_only: bool = False
    """Drop nothing."""
    global_mean_threshold: float = 0.00098
    """Least motion_global_mean, a ratio of height plus width."""
    per_patch_min_256_threshold: float = 1e-6
    """Least motion_per_patch_min_256."""
    num_gpus_per_worker: float = 0
    """Accepted: it runs on CPUs."""
    motion_filter_batch_size: int = 256
    """Accepted: there are no batches."""
    verbose: bool = False
    name: str = "motion_filter"

    def judge(self, item: Clip) -> tuple[str, str] | None:
        """The first limit that the clip breaks."""
        if self.score_only:
            return None
        limits = {
            "motion_global_mean": self.global_mean_threshold,
            "motion_per_patch_min_256": self.per_patch_min_256_threshold,
        }
        for score, value in limits.items():
            reason = Limit(group="motion", score=score, value=value, least=True)
            if broken := reason.broken_by(item.scores):
                return "motion", broken
        return None


@positional(
    *("model_dir", "score_threshold", "reduction", "target_fps", "num_gpus_per_worker", "verbose"),
    "name",
)
@dataclass(kw_only=True)
class ClipAestheticFilterStage(ClipFilter):
    """Score clips by CLIP and LAION's head, and drop those below the threshold.

    `model_dir` has the two models in folders called by their ids, openai/clip-vit-large-patch14 and
    ttj/sac-logos-ava1-l14-linearMSE; what is not there is taken from the hub.
    """

    model_dir: str = "models/clip_aesthetic"
    score_threshold: float = 0.5
    reduction: Literal["mean", "min"] = "min"
    """What counts of the scores of a clip's pictures, one per second."""
    target_fps: float = 1.0
    """Accepted: one picture per second is looked at."""
    num_gpus_per_worker: float = 0.25
    """GPUs of a worker, where there are any."""
    verbose: bool = False
    device: Device = "auto"
    name: str = "clip_aesthetic_filter"
    _scores: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.reduction not in ("mean", "min"):
            raise SettingsError(f"reduction={self.reduction!r} is not known; use mean or min.")
        if choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=self.num_gpus_per_worker)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the models.

        Raises:
            InputError: One is not there, or cannot be read.
        """
        from curator_engine.models.weights import weights_below

        self._scores = ScoreClips(
            **_OFF,
            aesthetic_model=model_below(self.model_dir, CLIP),
            aesthetic_head=weights_below(self.model_dir, AESTHETIC, AESTHETIC_FILE),
            aesthetic_reduction=self.reduction,
            device=self.device,
        )
        self._scores.setup(worker_metadata)

    def process(self, task: VideoTask) -> VideoTask:
        """Set the scores, and mark the clips."""
        return super().process(self._scores.process(task))

    def judge(self, item: Clip) -> tuple[str, str] | None:
        """Whether the score is too low."""
        limit = Limit(group="aesthetic", score="aesthetic", value=self.score_threshold, least=True)
        reason = limit.broken_by(item.scores)
        return ("aesthetic", reason) if reason else None

    def teardown(self) -> None:
        """Let the models go."""
        self._scores = None
