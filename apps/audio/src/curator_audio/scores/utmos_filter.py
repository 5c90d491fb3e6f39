"""A filter by UTMOS, with NeMo Curator's name and parameters."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curator_audio.models.transcript import Clip
from curator_audio.scores.rating_filter import RatingFilter
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata

if TYPE_CHECKING:
    from curator_audio.models.utmos import Utmos

KEY = "utmos_mos"


@positional("mos_threshold", "sample_rate", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class UTMOSFilterStage(RatingFilter):
    """Keep entries, or segments, whose speech UTMOS finds natural enough, and set `utmos_mos`, from 1 to 5.

    NeMo Curator runs code of a repository for it; here only the weights are fetched, once, or read from
    a file. Resources(gpus=1) gives it a GPU.

    Raises:
        SettingsError: The rate is below 1.

    Example:
        UTMOSFilterStage(3.0, model_path="utmos22_strong_step7459_v1.pt")
    """

    name: str = "UTMOSFilter"
    mos_threshold: float | None = 3.5
    """Least rating; None drops nothing."""
    sample_rate: int = 16_000
    """Samples per second that the network gets; it was trained on 16,000."""
    model_path: str = ""
    """File with the weights; the published ones, from torch's cache or fetched, if empty."""
    batch_size: int | None = 1
    resources: Resources = field(default_factory=Resources)
    _network: "Utmos | None" = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.sample_rate < 1:
            raise SettingsError(f"sample_rate={self.sample_rate} is below 1.")

    def setup_on_node(self, node_info: Any = None, worker_metadata: Any = None) -> None:
        """Fetch the weights, once per node.

        Raises:
            CuratorError: They are not there.
        """
        from curator_audio.models.utmos import fetched

        fetched(self.model_path)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the network.

        Raises:
            CuratorError: It is not there.
        """
        from curator_audio.models.utmos import Utmos

        self._network = Utmos(
            self.model_path, device="gpu" if self.resources.requires_gpu else "cpu"
        )

    def teardown(self) -> None:
        """Let the network go."""
        self._network = None

    def rating_rate(self) -> int:
        """What was asked for."""
        return self.sample_rate

    def ratings(self, clip: Clip) -> dict[str, float] | None:
        """The rating; None if the clip is shorter than 25 ms."""
        assert self._network is not None
        found = self._network.rate(clip)
        return None if found is None else {KEY: found}

    def thresholds(self) -> dict[str, float | None]:
        """The threshold."""
        return {KEY: self.mos_threshold}
