"""Rate how the segments that are kept sound, by networks whose weights the user has or lets be fetched."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from curator_audio.models.transcript import Clip
from curator_audio.read.decode import open_audio, read_span, resample
from curator_audio.recordings.transcribe_segments import source_of
from curator_audio.task import AudioBatch, Segment
from curator_engine.device import Device, has_gpu
from curator_engine.errors import InputError, ResourceError, UnreadableFileError
from curator_engine.items.limit import Limit
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

STAGE = "ratings"
PUBLISHED = "published"
"""Stands for the weights that the authors publish, which are fetched once."""
_HIGH, _LOW = 48_000, 16_000
"""Samples per second that SIGMOS takes, and the others."""


@dataclass(kw_only=True)
class RateSegments(ProcessingStage[AudioBatch, AudioBatch]):
    """Give kept segments the ratings of SIGMOS, SQUIM and UTMOS, each if it is asked for.

    A segment that is too short for a network lacks its ratings; one whose recording is gone has an error
    and goes on.

    Example:
        >>> stage = RateSegments(sigmos="sigmos.onnx")
        >>> stage.setup()
        >>> stage.process(batch).data[0].scores["sigmos_ovrl"]
        3.4
    """

    sigmos: str = ""
    """File with the network; not asked for if empty."""
    squim: str = ""
    """File with the weights, or "published"."""
    utmos: str = ""
    """File with the weights, or "published"."""
    device: Device = "auto"
    limits: list[Limit] = field(default_factory=list[Limit])
    """On ratings; segments that break one are dropped."""
    _networks: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)

    def __post_init__(self) -> None:
        if self._on_gpu and not self.resources.requires_gpu:
            self.resources = Resources(cpus=1.0, gpus=1.0)

    @property
    def _on_gpu(self) -> bool:
        """Whether SQUIM or UTMOS gets a GPU; SIGMOS computes on the CPU."""
        asked = bool(self.squim or self.utmos)
        return asked and (self.device == "gpu" or (self.device == "auto" and has_gpu()))

    def num_workers(self) -> int | None:
        """One where UTMOS computes on the CPU: it takes all of them by itself."""
        return 1 if self.utmos and not self._on_gpu else None

    def check(self) -> None:
        """Open the networks once, on the CPU, and let them go: for use before any work.

        Raises:
            InputError: A file is not there, or holds other weights.
            ResourceError: What runs them is not installed, or published weights cannot be fetched.
        """
        for path in (self.sigmos, self.squim, self.utmos):
            if path not in ("", PUBLISHED) and not Path(path).is_file():
                raise InputError(f"{path}: there is no such file with a network; check the path.")
        if (self.squim or self.utmos) and find_spec("torchaudio") is None:
            raise ResourceError(
                "--squim and --utmos need the extra 'models' of curator-audio (torchaudio is missing); install it."
            )
        self._opened("cpu")

    def setup_on_node(self, node_info: Any = None, worker_metadata: Any = None) -> None:
        """Fetch published weights, once per node.

        Raises:
            CuratorError: They cannot be fetched.
        """
        if self.squim:
            from curator_audio.models import squim

            squim.fetched(_path(self.squim))
        if self.utmos:
            from curator_audio.models import utmos

            utmos.fetched(_path(self.utmos))

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the networks.

        Raises:
            CuratorError: One is not there, or its weights cannot be fetched.
        """
        self._networks = self._opened("gpu" if self._on_gpu else "cpu")

    def _opened(self, device: Device) -> dict[str, Any]:
        """The networks that are asked for, by their options."""
        found: dict[str, Any] = {}
        if self.sigmos:
            from curator_audio.models.sigmos import SigMOS

            found["sigmos"] = SigMOS("", model_path=self.sigmos, force_cpu=True)
        if self.squim:
            from curator_audio.models.squim import Squim

            found["squim"] = Squim(_path(self.squim), device=device)
        if self.utmos:
            from curator_audio.models.utmos import Utmos

            found["utmos"] = Utmos(_path(self.utmos), device=device)
        return found

    def teardown(self) -> None:
        """Let the networks go."""
        self._networks = {}

    def process(self, task: AudioBatch) -> AudioBatch:
        """Set the ratings of a recording's segments."""
        segments = task.kept()
        if not segments:
            return task
        try:
            recording = open_audio(source_of(segments[0]))
            for each in segments:
                span = (each.start_s, each.end_s, _HIGH if self.sigmos else _LOW)
                self._rate(each, read_span(recording.source, *span, recording=recording))
        except UnreadableFileError as error:
            for each in segments:
                each.errors[STAGE] = str(error)
        return task

    def _rate(self, segment: Segment, clip: Clip) -> None:
        scores = segment.scores
        if self.sigmos and len(clip):
            found = self._networks["sigmos"].run(clip)
            scores |= {name.lower().replace("mos_", "sigmos_"): v for name, v in found.items()}
        low = resample(clip, _HIGH, _LOW) if self.sigmos and (self.squim or self.utmos) else clip
        if self.squim:
            scores |= self._networks["squim"].rate([low])[0] or {}
        if self.utmos and (rating := self._networks["utmos"].rate(low)) is not None:
            scores["utmos_mos"] = rating
        for limit in self.limits:
            if why := limit.broken_by(scores):
                segment.drop(limit.group, why)


def _path(given: str) -> str:
    return "" if given == PUBLISHED else given
