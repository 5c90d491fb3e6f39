"""NeMo Curator's names for documents of texts and pictures that this app stands for; see `nemo_names.py`."""

from curator_engine.entry_points import Home, same

INTERLEAVED_BATCH = same("curator_text.interleaved.documents", "InterleavedBatch")
_ROOM = "curator_text.interleaved"
_BASES = same(
    f"{_ROOM}.batch_stages",
    "BaseInterleavedAnnotatorStage",
    "BaseInterleavedFilterStage",
    "InterleavedAspectRatioFilterStage",
)
_FILTERS = {
    name: same(f"{_ROOM}.batch_filters", *names)
    for name, names in {
        "blur_filter": ["InterleavedBlurFilterStage"],
        "clip_score_filter": ["InterleavedCLIPScoreFilterStage"],
        "image_to_text_ratio_filter": ["InterleavedImageToTextRatioFilterStage"],
        "qrcode_filter": ["InterleavedQRCodeFilterStage"],
    }.items()
}
_ALL_FILTERS = {name: home for each in _FILTERS.values() for name, home in each.items()}
_READERS = same(f"{_ROOM}.batch_readers", "InterleavedParquetReader", "InterleavedWebdatasetReader")
_READER_STAGES = {
    name: same(f"{_ROOM}.batch_readers", *names)
    for name, names in {
        "base": ["BaseInterleavedReader"],
        "parquet": ["InterleavedParquetReaderStage"],
        "webdataset": ["InterleavedWebdatasetReaderStage"],
    }.items()
}
_LANCE = same(f"{_ROOM}.lance_reader", "InterleavedLanceReader", "InterleavedLanceReaderStage")
_WRITERS = {
    name: same(f"{_ROOM}.batch_writers", *names)
    for name, names in {
        "base": ["BaseInterleavedWriter"],
        "tabular": ["InterleavedParquetWriterStage"],
        "webdataset": ["InterleavedWebdatasetWriterStage"],
    }.items()
}
_ALL_READER_STAGES = {name: home for each in _READER_STAGES.values() for name, home in each.items()}
_ALL_WRITERS = {name: home for each in _WRITERS.values() for name, home in each.items()}
_IO = _READERS | _WRITERS["tabular"] | _WRITERS["webdataset"]
_STAGES = "nemo_curator.stages.interleaved"
_PARSE = f"{_STAGES}.pdf.nemotron_parse"
_PARSE_MODULES = {
    "composite": same(f"{_ROOM}.pdf_reader", "NemotronParsePDFReader"),
    "inference": same(
        f"{_ROOM}.page_inference", "NemotronParseInferenceStage", "build_task_prompt"
    ),
    "partitioning": same(f"{_ROOM}.pdf_stages", "PDFPartitioningStage"),
    "postprocess": same(f"{_ROOM}.pdf_reader", "NemotronParsePostprocessStage"),
    "preprocess": same(f"{_ROOM}.pdf_stages", "PDFPreprocessStage"),
}
_PARSE_PARTS = {
    **same(
        f"{_ROOM}.page_images",
        *("render_pdf_pages", "image_to_bytes", "build_canvas", "crop_to_bbox"),
    ),
    **same(
        f"{_ROOM}.page_elements",
        *("parse_nemotron_output", "interleave_floaters", "build_interleaved_rows"),
    ),
    **same(
        f"{_ROOM}.pdf_archives",
        *("resolve_cc_pdf_zip_path", "extract_pdf_from_zip"),
        *("extract_pdf_from_jsonl", "extract_pdfs_from_jsonl_batch"),
    ),
}
_ALL_PARSE = {name: home for each in _PARSE_MODULES.values() for name, home in each.items()}

INTERLEAVED_OFFERS: dict[str, dict[str, Home]] = {
    "nemo_curator.tasks.interleaved": INTERLEAVED_BATCH
    | {
        name: ("curator_text.interleaved.documents", name)
        for name in ("INTERLEAVED_SCHEMA", "RESERVED_COLUMNS")
    },
    _STAGES: _BASES | _ALL_FILTERS,
    f"{_STAGES}.stages": _BASES,
    f"{_STAGES}.filter": _ALL_FILTERS,
    **{f"{_STAGES}.filter.{name}": home for name, home in _FILTERS.items()},
    f"{_STAGES}.io": _IO,
    f"{_STAGES}.pdf": same(f"{_ROOM}.pdf_reader", "NemotronParsePDFReader"),
    _PARSE: {name: _ALL_PARSE[name] for name in _ALL_PARSE if name[0].isupper()},
    **{f"{_PARSE}.{name}": home for name, home in _PARSE_MODULES.items()},
    f"{_PARSE}.utils": _PARSE_PARTS,
    f"{_STAGES}.lance": _LANCE,
    f"{_STAGES}.lance.reader": _LANCE,
    f"{_STAGES}.io.reader": _READERS,
    f"{_STAGES}.io.readers": _ALL_READER_STAGES,
    **{f"{_STAGES}.io.readers.{name}": home for name, home in _READER_STAGES.items()},
    f"{_STAGES}.io.writers": _ALL_WRITERS,
    **{f"{_STAGES}.io.writers.{name}": home for name, home in _WRITERS.items()},
}
"""By NeMo Curator's module."""
