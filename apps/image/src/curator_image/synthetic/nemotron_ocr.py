"""Read the text in pictures by NVIDIA's Nemotron OCR v2, as NeMo Curator's stage does.

Written after its documented call: its package is not on the index and has not run here, see docs/models.md.
`OCRRapidStage` reads offline on a CPU.
"""

import importlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.positional import positional
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_image.scores.batch_scores import need
from curator_image.synthetic.ocr_data import SCALE, OCRDenseItem
from curator_image.synthetic.read_text import TextRecogniser

MODEL, _FOLDER = "nvidia/nemotron-ocr-v2", "v2_multilingual"
_MODULE = "nemotron_ocr.inference.pipeline_v2"
_LEVELS = ("word", "sentence", "paragraph")


@positional("model_dir", "merge_level")
@dataclass(kw_only=True)
class OCRNemotronV2Stage(TextRecogniser):
    """Read text by Nemotron OCR v2, on a GPU; NVIDIA's package `nemotron-ocr` must be installed.

    Example:
        OCRNemotronV2Stage(model_dir="models/nemotron-ocr-v2/v2_multilingual")
    """

    model_dir: str | Path | None = None
    """Folder of the weights; nvidia/nemotron-ocr-v2 from the hub unless given."""
    merge_level: Literal["word", "sentence", "paragraph"] = "word"
    """What a piece is."""
    resources: Resources = field(default_factory=lambda: Resources(cpus=8.0, gpus=1))
    batch_size: int | None = 32
    name: str = "ocr_nemotron_v2"
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.merge_level not in _LEVELS:
            raise SettingsError(
                f"merge_level={self.merge_level!r} is not known; use {', '.join(_LEVELS)}."
            )

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Fetch the weights once per node.

        Raises:
            InputError: They cannot be fetched.
        """
        self._folder()

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            ResourceError: Its package is not installed.
            InputError: Its weights cannot be fetched.
        """
        try:
            pipeline: Any = importlib.import_module(_MODULE)
        except ImportError as error:
            raise ResourceError(
                f"OCRNemotronV2Stage needs NVIDIA's package nemotron-ocr ({error.name} is missing); install it, "
                "or read by OCRRapidStage."
            ) from error
        self._model = pipeline.NemotronOCRV2(model_dir=self._folder())

    def pieces_in(self, rgb: NDArray[np.uint8]) -> list[OCRDenseItem]:
        """The pieces, as the model orders them."""
        # The model takes a file.
        with tempfile.TemporaryDirectory(prefix="curator-ocr-") as folder:
            path = Path(folder) / "picture.png"
            Image.fromarray(rgb).save(path)
            found: list[dict[str, Any]] = list(self._model(str(path), merge_level=self.merge_level))
        return [_piece(each) for each in found]

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None

    def _folder(self) -> str:
        """The folder of the weights."""
        if self.model_dir is not None:
            return str(self.model_dir)
        what = {"option": "OCRNemotronV2Stage without model_dir", "extra": "models"}
        # The package has its errors as an attribute once they are imported.
        need("huggingface_hub.errors", **what)
        hub = need("huggingface_hub", **what)
        try:
            return str(Path(hub.snapshot_download(MODEL)) / _FOLDER)
        except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(f"the model {MODEL!r} cannot be fetched ({reason}).") from error


def _piece(found: dict[str, Any]) -> OCRDenseItem:
    """A piece as the model says it: edges as shares; what it calls lower is nearer to the top."""
    edges = [found["left"], found["lower"], found["right"], found["upper"]]
    left, top, right, bottom = (round(min(max(float(each), 0.0), 1.0) * SCALE) for each in edges)
    box = [min(left, right), min(top, bottom), max(left, right), max(top, bottom)]
    return OCRDenseItem(bbox_2d=box, text_content=str(found["text"]))
