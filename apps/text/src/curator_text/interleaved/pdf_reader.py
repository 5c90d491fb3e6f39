"""NeMo Curator's reader of PDF files by a model that reads pages, and the stage that makes rows of what it says."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import InputError
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import AnyStage, CompositeStage, ProcessingStage
from curator_engine.task import EmptyTask
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.documents import InterleavedBatch
from curator_text.interleaved.page_elements import build_interleaved_rows
from curator_text.interleaved.page_images import DEFAULT_MAX_PAGES, DEFAULT_MIN_CROP_PX
from curator_text.interleaved.page_inference import (
    DEFAULT_MODEL_PATH,
    NemotronParseInferenceStage,
)
from curator_text.interleaved.pdf_stages import PDFPartitioningStage, PDFPreprocessStage

_REORDERED = "v1.1"
"""In the name of a model that says pictures and captions at the end of a page."""


@positional("proc_size", "min_crop_px", "name", "resources")
@dataclass(kw_only=True)
class NemotronParsePostprocessStage(ProcessingStage[InterleavedBatch, InterleavedBatch]):
    """Make rows of texts, tables and pictures of what Nemotron-Parse says of pages.

    Tables are rows of the kind `table`, in Markdown. Of version 1.1 pictures and captions are put where they belong.

    Example:
        >>> NemotronParsePostprocessStage(min_crop_px=32)
    """

    name: str = "nemotron_parse_postprocess"
    resources: Resources = field(default_factory=lambda: Resources(cpus=2.0))
    proc_size: tuple[int, int] = (2048, 1664)
    """Height and width of the model's pictures in pixels; that of the task's `proc_size` wins."""
    min_crop_px: int = DEFAULT_MIN_CROP_PX
    """Pixels of either side of a picture at least; smaller ones are left out."""

    def process(self, task: InterleavedBatch) -> InterleavedBatch | None:
        """The rows of the documents, in their order; None if there are none."""
        height, width = task._metadata.get("proc_size", self.proc_size)
        reorder = _REORDERED in str(task._metadata.get("model_path", ""))
        rows = list[dict[str, Any]]()
        for pages in _by_document(task.data.to_pylist()):
            first = pages[0]
            readable = [(image, page) for page in pages if (image := _image_of(page)) is not None]
            rows += build_interleaved_rows(
                str(first["sample_id"]),
                str(first.get("url") or ""),
                str(first.get("pdf_name") or ""),
                [image for image, _ in readable],
                [str(page["text_content"] or "") for _, page in readable],
                (int(height), int(width)),
                reorder_floaters=reorder,
                min_crop_px=self.min_crop_px,
            )
        if not rows:
            return None
        return InterleavedBatch(
            data=_typed(table_of(rows)),
            dataset_name=task.dataset_name,
            _metadata=dict(task._metadata),
        )


def _by_document(rows: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The pages of each document, in their order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["sample_id"], []).append(row)
    return [sorted(pages, key=lambda page: page["position"]) for pages in found.values()]


def _image_of(page: dict[str, Any]) -> Any:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(page["binary_content"] or b"")) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


_OWN = {"page_number": pa.int64(), "element_class": pa.string()}
"""Columns that may be empty in a batch, and have their types nevertheless."""


def _typed(table: pa.Table) -> pa.Table:
    for name, kind in _OWN.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(name).cast(kind))
    return table


@positional(
    *("manifest_path", "zip_base_dir", "pdf_dir", "jsonl_base_dir", "model_path", "backend"),
    *("pdfs_per_task", "max_pdfs", "dpi", "max_pages", "inference_batch_size", "max_num_seqs"),
    *("text_in_pic", "enforce_eager", "min_crop_px", "dataset_name", "file_name_field"),
    *("file_names_field", "url_field"),
)
@dataclass(kw_only=True)
class NemotronParsePDFReader(CompositeStage[EmptyTask, InterleavedBatch]):
    """Read PDF files as texts, tables and pictures by Nemotron-Parse.

    Example:
        >>> NemotronParsePDFReader("pdfs.jsonl", pdf_dir="pdfs", backend="hf")
    """

    name: str = "nemotron_parse_pdf_reader"
    manifest_path: str | None = None
    """List of the files; see `PDFPartitioningStage`."""
    zip_base_dir: str | None = None
    pdf_dir: str | None = None
    jsonl_base_dir: str | None = None
    """One of the three says where the files are; see `PDFPreprocessStage`."""
    model_path: str = DEFAULT_MODEL_PATH
    """Folder or hub id of the model."""
    backend: Literal["vllm", "hf"] = "vllm"
    """vLLM (not run yet), or transformers."""
    pdfs_per_task: int = 10
    max_pdfs: int | None = None
    dpi: int = 300
    max_pages: int = DEFAULT_MAX_PAGES
    inference_batch_size: int = 4
    max_num_seqs: int = 64
    text_in_pic: bool = False
    enforce_eager: bool = False
    min_crop_px: int = DEFAULT_MIN_CROP_PX
    dataset_name: str = "pdf_dataset"
    file_name_field: str = "file_name"
    file_names_field: str = "cc_pdf_file_names"
    url_field: str = "url"

    def decompose(self) -> list[AnyStage]:
        """List, render, ask, make rows.

        Raises:
            InputError: There is no list.
        """
        if not self.manifest_path:
            raise InputError("no list of PDF files; give manifest_path.")
        listing = PDFPartitioningStage(
            manifest_path=self.manifest_path,
            pdfs_per_task=self.pdfs_per_task,
            max_pdfs=self.max_pdfs,
            dataset_name=self.dataset_name,
            file_name_field=self.file_name_field,
            file_names_field=self.file_names_field,
            url_field=self.url_field,
        )
        render = PDFPreprocessStage(
            zip_base_dir=self.zip_base_dir,
            pdf_dir=self.pdf_dir,
            jsonl_base_dir=self.jsonl_base_dir,
            dpi=self.dpi,
            max_pages=self.max_pages,
        )
        ask = NemotronParseInferenceStage(
            model_path=self.model_path,
            backend=self.backend,
            inference_batch_size=self.inference_batch_size,
            max_num_seqs=self.max_num_seqs,
            text_in_pic=self.text_in_pic,
            enforce_eager=self.enforce_eager,
        )
        return [listing, render, ask, NemotronParsePostprocessStage(min_crop_px=self.min_crop_px)]
