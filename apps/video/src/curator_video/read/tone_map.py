"""High dynamic range made into the common one.

Light is taken for what it was meant to be, squeezed into what a common screen shows, and written in
its colours. Light is a ratio of the level of white paper, 203 candelas per square metre (ITU-R BT.2408).
"""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_video.read.filter_graph import filters_for

CURVES = {16: "pq", 18: "hlg"}
"""By FFmpeg's number of the transfer curve."""
_WHITE = 203.0
_PEAK = 1000 / _WHITE
"""What becomes the brightest: the peak that most videos are made for."""
_KNEE = 0.3
"""Up to here light stays what it is."""
_GAMMA = 2.4
_POINTS = 33
_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
"""From the primaries of BT.2020."""
_LUMA = np.array([[0.2627, 0.6780, 0.0593]])


def tone_mapped(values: NDArray[Any], curve: str) -> NDArray[np.float64]:
    """Red, green and blue of a common screen.

    Args:
        values: Shape (..., 3), in [0, 1], with BT.2020's primaries.
        curve: pq or hlg.

    Returns:
        The same shape, in [0, 1], with BT.709's primaries.
    """
    light = _from_pq(values) if curve == "pq" else _from_hlg(values)
    strongest = light.max(axis=-1, keepdims=True)
    squeezed = light * (_squeezed(strongest) / np.maximum(strongest, 1e-6))
    return _weighed(squeezed, _TO_BT709).clip(0, 1) ** (1 / _GAMMA)


def tone_mapped_picture(picture: NDArray[np.uint16], curve: str) -> NDArray[np.uint8]:
    """An RGB picture of sixteen bits as one of eight, shape (height, width, 3)."""
    return (tone_mapped(picture / 65535.0, curve) * 255).round().astype(np.uint8)


def _from_pq(values: NDArray[Any]) -> NDArray[np.float64]:
    """SMPTE ST 2084."""
    power = np.asarray(values, np.float64) ** (32 / 2523)
    light = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return 10_000 / _WHITE * light ** (8192 / 1305)


def _from_hlg(values: NDArray[Any]) -> NDArray[np.float64]:
    """ARIB STD-B67, shown on a screen of 1000 candelas per square metre."""
    scene = np.where(
        values <= 0.5, values**2 / 3, (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    luma = np.maximum(_weighed(scene, _LUMA), 1e-9)
    return _PEAK * scene * luma**0.2


def _weighed(colours: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of red, green and blue, one for each row of weights: not by BLAS, whose order of adding differs."""
    red, green, blue = (colours[..., i, None] * weights[:, i] for i in range(3))
    return red + green + blue


def _squeezed(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light up to the peak brought into [0, 1]: straight up to the knee, then ever flatter."""
    j, p = _KNEE, _PEAK
    a = -(j**2) * (p - 1) / (j**2 - 2 * j + p)
    b = (j**2 - 2 * j * p + p) / (p - 1)
    light = np.minimum(light, p)
    flat = (b**2 + 2 * b * j + j**2) / (b - a) * (light + a) / (light + b)
    return np.where(light <= j, light, flat)


def write_table(path: Path, curve: str) -> None:
    """Write a table of colours for FFmpeg's filter lut3d, as a .cube file."""
    steps = np.linspace(0, 1, _POINTS)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    rows = tone_mapped(np.stack([red, green, blue], axis=-1).reshape(-1, 3), curve)
    lines = [f"LUT_3D_SIZE {_POINTS}", *(f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


class ToneMapper:
    """Makes frames of high dynamic range into RGB frames of the common one."""

    def __init__(self, curve: str) -> None:
        self._curve = curve
        self._graph: Any = None
        self._shape: tuple[int, int] = (0, 0)

    def map(self, frame: Any) -> Any:
        """A frame in RGB, with BT.709's colours; its time stamps are not kept."""
        from av.video.reformatter import ColorRange

        made = frame.reformat(format="gbrp10le", dst_color_range=ColorRange.JPEG, threads=1)
        if self._graph is None or self._shape != (made.width, made.height):
            with NamedTemporaryFile(suffix=".cube") as file:
                write_table(Path(file.name), self._curve)
                table = ("lut3d", f"file={file.name}:interp=tetrahedral")
                self._graph = filters_for(made, [table], time_base=frame.time_base)
            self._shape = made.width, made.height
        self._graph.vpush(made)
        return self._graph.vpull()
