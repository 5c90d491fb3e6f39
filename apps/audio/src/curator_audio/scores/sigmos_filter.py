"""A filter by SIGMOS, with NeMo Curator's name and parameters."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curator_audio.models.transcript import Clip
from curator_audio.scores.rating_filter import RatingFilter
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata

if TYPE_CHECKING:
    from curator_audio.models.sigmos import SigMOS

_KINDS = ("noise", "ovrl", "sig", "col", "disc", "loud", "reverb")
_RATE = 48_000


@positional(
    *("model_dir", "model_path", "noise_threshold", "ovrl_threshold", "sig_threshold"),
    *("col_threshold", "disc_threshold", "loud_threshold", "reverb_threshold", "name"),
    *("batch_size", "resources"),
)
@dataclass(kw_only=True)
class SIGMOSFilterStage(RatingFilter):
    """Keep entries, or segments, that SIGMOS rates well enough, and set `sigmos_noise`, `sigmos_ovrl` and five others.

    Ratings go from 1 to 5; None as a threshold drops nothing. The network is a file that Microsoft publishes;
    unlike NeMo Curator's stage this one downloads nothing and needs no GPU: Resources(gpus=1) lets it use one.

    Example:
        SIGMOSFilterStage(model_path="model-sigmos_1697718653_41d092e8-epo-200.onnx", ovrl_threshold=3.0)
    """

    name: str = "SIGMOSFilter"
    model_dir: str = "."
    """Folder with the file under its published name."""
    model_path: str | None = None
    """The file itself."""
    noise_threshold: float | None = 4.0
    """Least rating of the background; higher is quieter."""
    ovrl_threshold: float | None = 3.5
    """Least rating overall."""
    sig_threshold: float | None = None
    """Least rating of the speech."""
    col_threshold: float | None = None
    """Least rating of its colour."""
    disc_threshold: float | None = None
    """Least rating of its continuity."""
    loud_threshold: float | None = None
    """Least rating of its loudness."""
    reverb_threshold: float | None = None
    """Least rating of the room; higher is dryer."""
    batch_size: int | None = 1
    resources: Resources = field(default_factory=Resources)
    _network: "SigMOS | None" = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Open the network.

        Raises:
            InputError: It is not there.
        """
        from curator_audio.models.sigmos import SigMOS

        self._network = SigMOS(
            self.model_dir,
            force_cpu=not self.resources.requires_gpu,
            model_path=self.model_path,
        )

    def teardown(self) -> None:
        """Let the network go."""
        self._network = None

    def rating_rate(self) -> int:
        """48,000."""
        return _RATE

    def ratings(self, clip: Clip) -> dict[str, float] | None:
        """The seven ratings; None without samples."""
        assert self._network is not None
        if not len(clip):
            return None
        found = self._network.run(clip)
        return {f"sigmos_{kind}": found[f"MOS_{kind.upper()}"] for kind in _KINDS}

    def thresholds(self) -> dict[str, float | None]:
        """The seven thresholds."""
        given: dict[str, Any] = {kind: getattr(self, f"{kind}_threshold") for kind in _KINDS}
        return {f"sigmos_{kind}": least for kind, least in given.items()}
