"""Models that say who speaks when in a file: ours, and NVIDIA's Sortformer where NeMo is installed.

A model has one method, that of NeMo: `diarize(audio=[path, ...], batch_size=n)`, which gives a list per file
of texts "start end speaker", with times in seconds.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from curator_audio.models.outside_package import outside_package
from curator_audio.models.silero import SileroVad
from curator_audio.read.decode import open_audio, read_span
from curator_audio.recordings.hear import hear
from curator_audio.segments.speech_spans import speech_spans
from curator_audio.speakers.diarize import Diarization, diarize
from curator_audio.speakers.turns import Turn
from curator_engine.device import Device
from curator_engine.errors import InputError

OURS = "campplus"
"""The name of our own model, which needs no NeMo and no network."""


class CampPlusDiarizer:
    """Voices by CAM++ in what Silero takes for speech, clustered: good where people take turns.

    It finds any number of people; Sortformer finds up to four, also while they speak at once.

    Raises:
        ResourceError: The extra 'speakers' is not installed.

    Example:
        >>> CampPlusDiarizer().diarize(audio=["talk.wav"])
        [['0.310 4.200 speaker_0', '4.200 7.900 speaker_1']]
    """

    def __init__(self, *, device: Device = "auto") -> None:
        from curator_audio.models.campplus import CampPlus
        from curator_audio.models.overlap_network import OverlapNetwork

        self._voices, self._network = CampPlus(device=device), OverlapNetwork(device=device)
        self._vad = SileroVad()

    def hear(self, path: str) -> Diarization:
        """Who speaks when in a file, and where two speak at once.

        Raises:
            AudioError: It cannot be decoded.
        """
        recording = open_audio(path)
        heard = hear(recording, vad=self._vad)
        return diarize(
            lambda start, end: read_span(path, start, end, recording=recording),
            speech_spans(heard.speech, heard.seconds),
            voices=self._voices,
            network=self._network,
        )

    def diarize(self, audio: Sequence[str], batch_size: int = 1) -> list[list[str]]:
        """Who speaks when in files; `batch_size` changes nothing."""
        del batch_size
        return [
            [
                f"{turn.start_s:.3f} {turn.end_s:.3f} {turn.speaker}"
                for turn in self.hear(path).turns
            ]
            for path in audio
        ]


def open_diarizer(name: str, *, gpu: bool = False, cache_dir: str | None = None) -> Any:
    """Open a model.

    Args:
        name: "campplus" for ours, a .nemo file, or a hub id of Sortformer's.
        gpu: Whether it gets a GPU.
        cache_dir: Where the hub's files are kept; its usual place without.

    Raises:
        InputError: There is no such model.
        ResourceError: NeMo is not installed, or what ours needs.
    """
    if name == OURS:
        return CampPlusDiarizer(device="gpu" if gpu else "cpu")
    models = outside_package("nemo.collections.asr.models", "nemo_toolkit[asr]")
    loader, place = models.SortformerEncLabelModel, "cuda" if gpu else "cpu"
    try:
        path = name if name.endswith(".nemo") else _nemo_file(name, cache_dir)
        model = loader.restore_from(restore_path=path, map_location=place, strict=False)
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"the model {name!r} cannot be loaded ({reason}); check it.") from error
    model.eval()
    return model


def turns_from(said: Any, *, seconds: float = math.inf) -> list[Turn]:
    """What a model says of one file, as turns in order, inside of the recording.

    Args:
        said: Texts "start end speaker", objects with `start`, `end` and `speaker` or `label`, or tuples of three.
        seconds: Length of the recording.

    Raises:
        InputError: It is none of these.
    """
    turns: list[Turn] = []
    for each in said:
        start, end, speaker = _fields(each)
        first, last = max(start, 0.0), min(end, seconds)
        if math.isfinite(start) and math.isfinite(end) and last > first:
            turns.append(Turn(start_s=first, end_s=last, speaker=speaker))
    return sorted(turns)


def spans_by_speaker(turns: Iterable[Turn]) -> dict[str, list[tuple[float, float]]]:
    """The times of each speaker, by who speaks first."""
    found: dict[str, list[tuple[float, float]]] = {}
    for turn in turns:
        found.setdefault(turn.speaker, []).append((turn.start_s, turn.end_s))
    return found


def _fields(said: Any) -> tuple[float, float, str]:
    try:
        if isinstance(said, str):
            start, end, *speaker = said.split()
            return float(start), float(end), speaker[0] if speaker else "unknown"
        if hasattr(said, "start"):
            name = getattr(said, "speaker", getattr(said, "label", "unknown"))
            return float(said.start), float(said.end), str(name)
        start, end, name = said
        return float(start), float(end), str(name)
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the model says {said!r}, which is no start, end and speaker.") from error


def _nemo_file(name: str, cache_dir: str | None) -> str:
    """The .nemo file of a hub id.

    Raises:
        InputError: It has none.
    """
    hub = outside_package("huggingface_hub", "huggingface-hub")
    folder = Path(hub.snapshot_download(repo_id=name, cache_dir=cache_dir))
    found = sorted(folder.glob("*.nemo"))
    if not found:
        raise InputError(
            f"{name!r} has no .nemo file; give the id of a model of NeMo's, or a .nemo file."
        )
    return str(found[0])
