"""What a part is told, and what it tells."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    case: str
    ran: str = "yes"
    """Or why not, in words."""
    agreement: str = ""
    """With the CPU: exact, or how large the difference is."""
    rate: str = ""
    """On the device."""
    cpu: str = ""
    """The same on this machine's CPU."""
    floor: str = ""
    """How many times the floor it takes: the larger of bytes / bandwidth and operations / their rate."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where a part runs, and how much it may do."""

    device: Literal["gpu", "cpu"] = "gpu"
    quick: bool = False
    rates: dict[str, float] = field(default_factory=dict[str, float])
    """What the probe measured: bytes and operations per second."""

    @property
    def place(self) -> str:
        """Torch's name of the device."""
        return "cuda" if self.device == "gpu" else "cpu"

    def size(self, full: int, quick: int, cpu: int) -> int:
        """How much to do: on a GPU, on one in a hurry, on the CPU that stands in for one."""
        if self.device == "cpu":
            return cpu
        return quick if self.quick else full

    def seconds(self, run: Callable[[], Any], *, repeats: int = 5) -> float:
        """The median time of a call, after one that does not count."""
        run()
        self.wait()
        taken: list[float] = []
        for _ in range(repeats if self.device == "gpu" else 1):
            start = time.perf_counter()
            run()
            self.wait()
            taken.append(time.perf_counter() - start)
        return statistics.median(taken)

    def wait(self) -> None:
        """Until the device has done what it was given."""
        if self.device == "gpu":
            import torch

            torch.cuda.synchronize()

    def above_floor(self, seconds: float, **work: float) -> str:
        """How many times the floor a time is; `work`: amounts, by the names of the rates."""
        known = [amount / self.rates[name] for name, amount in work.items() if name in self.rates]
        return f"{seconds / max(known):.1f}" if known and self.device == "gpu" else ""


def once(run: Callable[[], Any]) -> float:
    """The time of one call."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def number(value: float, unit: str) -> str:
    """A rate in words: three digits and a power of a thousand."""
    for factor, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:.3g} {letter}{unit}"
    return f"{value:.3g} {unit}"
