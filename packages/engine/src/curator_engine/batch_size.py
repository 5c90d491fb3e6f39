"""How much a GPU takes at a time: less, where its memory is not enough."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curator_engine.errors import ResourceError


@dataclass(kw_only=True)
class BatchSize:
    """A size that halves when the GPU's memory is not enough, and stays so.

    Example:
        `BatchSize(size=64, unit="frames").each(len(frames), lambda a, b: model(frames[a:b]))`
    """

    size: int
    """Items at a time, or bytes."""
    unit: str = "items"
    """What is counted, for messages."""
    least: int = 1
    """Below it there is no point in trying."""

    def each[T](self, count: int, run: Callable[[int, int], T]) -> list[T]:
        """What `run` gives for the spans [start, end) of `count` items; a span that fails is cut.

        Raises:
            ResourceError: The memory is not enough for the least size.
        """
        out: list[T] = []
        start = 0
        while start < count:
            span = self._tried(lambda at=start: run(at, min(at + self.size, count)))
            if span is not None:
                out.append(span[0])
                start = min(start + span[1], count)
        return out

    def call[T](self, run: Callable[[int], T]) -> T:
        """What `run` gives for the size, once it is small enough.

        Raises:
            ResourceError: The memory is not enough for the least size.
        """
        while (found := self._tried(lambda: run(self.size))) is None:
            pass
        return found[0]

    def _tried[T](self, run: Callable[[], T]) -> tuple[T, int] | None:
        """What it gives and the size it had; None if the memory was not enough, and the size is less now."""
        try:
            return run(), self.size
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            reason = " ".join(str(error).split())[:120]
        # Outside the handler: what failed is held by its traceback until here.
        if sys.modules.get("torch") is not None:
            torch: Any = importlib.import_module("torch")
            torch.cuda.empty_cache()
        if self.size <= self.least:
            raise ResourceError(
                f"the GPU's memory is not enough for {self.size} {self.unit} ({reason}); end what else "
                "uses it, take a smaller model, or use device='cpu'."
            )
        self.size = max(self.least, self.size // 2)
        return None


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error of torch or its libraries means that a GPU's memory is full."""
    text = str(error)
    return type(error).__name__ == "OutOfMemoryError" or (
        "CUDA" in text and ("out of memory" in text or "ALLOC_FAILED" in text)
    )
