"""Describe clips and show them, as NeMo Curator's stages do.

`model_dir` of a model is a folder in which it lies by its id on the hub, the model's own folder, or the
http(s) URL of an OpenAI-compatible endpoint; else the model is taken from the hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from curator_engine.errors import SettingsError
from curator_engine.models.model_names import model_below
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.captions.caption_clips import CaptionClips
from curator_video.captions.enhance_captions import EnhanceCaptions
from curator_video.captions.prompts import PromptVariant, caption_prompt
from curator_video.captions.windows import Sampling, split_windows
from curator_video.clips.preview import PreviewClips
from curator_video.stages.scratch import scratch_folder
from curator_video.task import VideoTask, kept_clips

_SEES = {
    "qwen": "Qwen/Qwen2.5-VL-7B-Instruct",
    "qwen2.5": "Qwen/Qwen2.5-VL-7B-Instruct",
    "qwen3": "Qwen/Qwen3-VL-8B-Instruct",
}
WRITES = {
    "qwen": "Qwen/Qwen2.5-14B-Instruct",
    "qwen2.5": "Qwen/Qwen2.5-14B-Instruct",
    "qwen3": "Qwen/Qwen3-14B",
}
"""Text models by NeMo Curator's names."""
_ENHANCED = "qwen_lm"
"""What enhanced captions are filed under, as NeMo Curator's writer expects it."""


def chosen_model(model_dir: str, variant: str, models: Mapping[str, str]) -> str:
    """What to load the model of a variant from.

    Raises:
        SettingsError: There is no such variant.
    """
    if variant not in models:
        raise SettingsError(
            f"model_variant={variant!r} is not offered; use one of {', '.join(models)}, with another "
            "model's folder or endpoint as model_dir if need be."
        )
    return model_below(model_dir, models[variant])


@positional(
    *("model_variant", "prompt_variant", "prompt_text", "verbose", "sampling_fps", "window_size"),
    *("remainder_threshold", "preprocess_dtype", "generate_previews", "name"),
)
@dataclass(kw_only=True)
class CaptionPreparationStage(ProcessingStage[VideoTask, VideoTask]):
    """Set the windows of the clips that are kept, and what is asked about them."""

    model_variant: str = "qwen2.5"
    prompt_variant: PromptVariant = "default"
    prompt_text: str | None = None
    """Own text instead of the variant's."""
    verbose: bool = False
    sampling_fps: float = 2.0
    """Pictures of a second that the model is shown."""
    window_size: int = 256
    """Frames of a window."""
    remainder_threshold: int = 128
    """Frames that must be left over to be a window of their own."""
    preprocess_dtype: str = "float32"
    """Accepted: the model's own processor prepares the pictures."""
    model_does_preprocess: bool = False
    """Accepted: it always does."""
    generate_previews: bool = True
    """Accepted: PreviewStage draws from the video's track or the clip."""
    name: str = "caption_preparation"

    def __post_init__(self) -> None:
        chosen_model("", self.model_variant, _SEES)
        Sampling(fps=self.sampling_fps)
        caption_prompt(self.prompt_variant, self.prompt_text or "")
        split_windows(1, window_size=self.window_size, remainder_threshold=self.remainder_threshold)

    def process(self, task: VideoTask) -> VideoTask:
        """Set the windows."""
        prompt = caption_prompt(self.prompt_variant, self.prompt_text or "")
        for clip in kept_clips(task):
            clip.windows = split_windows(
                clip.frames[1] - clip.frames[0],
                window_size=self.window_size,
                remainder_threshold=self.remainder_threshold,
            )
            for window in clip.windows:
                window.prompt, window.fps = prompt, self.sampling_fps
        return task


@positional("target_fps", "target_height", "verbose", "num_cpus_per_worker", "compression_level")
@dataclass(kw_only=True)
class PreviewStage(PreviewClips):
    """Draw a moving WebP of each window, which `ClipWriterStage` puts into its place."""

    target_fps: float = 1.0
    target_height: int = 240
    verbose: bool = False
    num_cpus_per_worker: float = 4.0
    """Accepted: one CPU draws."""
    compression_level: int = 6
    """Accepted: it changes how long drawing takes, not the pictures."""
    name: str = "preview"
    output: str = field(default_factory=scratch_folder, init=False)
    writes_to: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        self.fps, self.height = float(self.target_fps), self.target_height
        super().__post_init__()


@positional(
    *("model_dir", "model_variant", "caption_batch_size", "fp8", "max_output_tokens"),
    *("disable_mmcache", "vllm_kwargs", "verbose", "generate_stage2_caption", "stage2_prompt_text"),
    "name",
)
@dataclass(kw_only=True)
class CaptionGenerationStage(CaptionClips):
    """Describe the windows of the clips that are kept; captions are filed under `model_variant`."""

    model_dir: str = "models/qwen"
    model_variant: str = "qwen2.5"
    caption_batch_size: int = 16
    """Questions that are asked at once."""
    fp8: bool = False
    """Accepted: the model computes in its own kind of numbers."""
    max_output_tokens: int = 512
    disable_mmcache: bool = False
    """Accepted."""
    vllm_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Accepted: transformers or an endpoint runs the model."""
    verbose: bool = False
    model_does_preprocess: bool = False
    """Accepted: it always does."""
    generate_stage2_caption: bool = False
    """Refused: each window is asked about once."""
    stage2_prompt_text: str | None = None
    name: str = "caption_generation"
    model: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.generate_stage2_caption:
            raise SettingsError(
                "generate_stage2_caption=True is not offered; CaptionEnhancementStage rewrites captions."
            )
        self.model = chosen_model(self.model_dir, self.model_variant, _SEES)
        self.batch, self.max_tokens = self.caption_batch_size, self.max_output_tokens
        super().__post_init__()

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model."""
        super().setup(worker_metadata)
        self._describer.name = self.model_variant


@positional(
    *("model_dir", "model_variant", "captioning_model_variant", "prompt_variant", "prompt_text"),
    *("model_batch_size", "fp8", "vllm_kwargs", "max_output_tokens", "verbose", "name"),
)
@dataclass(kw_only=True)
class CaptionEnhancementStage(EnhanceCaptions):
    """Rewrite captions by a text model; the new ones are filed under qwen_lm."""

    model_dir: str = "models/qwen"
    model_variant: str = "qwen2.5"
    captioning_model_variant: str = "qwen2.5"
    """Accepted: all captions are rewritten."""
    prompt_text: str | None = None
    """Own text instead of the variant's."""
    model_batch_size: int = 128
    """Captions that are rewritten at once."""
    fp8: bool = False
    """Accepted: the model computes in its own kind of numbers."""
    vllm_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Accepted: transformers or an endpoint runs the model."""
    max_output_tokens: int = 512
    verbose: bool = False
    name: str = "caption_enhancement"
    model: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.model = chosen_model(self.model_dir, self.model_variant, WRITES)
        self.prompt = self.prompt or self.prompt_text or ""
        self.batch, self.max_tokens = self.model_batch_size, self.max_output_tokens
        super().__post_init__()

    def process(self, task: VideoTask) -> VideoTask:
        """Set the windows' enhanced captions."""
        done = super().process(task)
        for clip in kept_clips(done):
            for window in clip.windows:
                for text in list(window.enhanced_caption.values())[:1]:
                    window.enhanced_caption = {_ENHANCED: text}
        return done
