"""Names of NeMo Curator for documents of texts and pictures: the modules where its tutorials import them."""

import pytest

from curator_text.interleaved_names import INTERLEAVED_OFFERS


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "io",
            "InterleavedParquetReader InterleavedParquetWriterStage InterleavedWebdatasetReader",
        ),
        ("io", "InterleavedWebdatasetWriterStage"),
        ("filter", "InterleavedBlurFilterStage InterleavedCLIPScoreFilterStage"),
        ("filter", "InterleavedImageToTextRatioFilterStage InterleavedQRCodeFilterStage"),
        ("lance.reader", "InterleavedLanceReader InterleavedLanceReaderStage"),
        ("pdf.nemotron_parse", "NemotronParsePDFReader PDFPreprocessStage"),
        ("pdf.nemotron_parse.utils", "render_pdf_pages parse_nemotron_output crop_to_bbox"),
        ("stages", "BaseInterleavedFilterStage InterleavedAspectRatioFilterStage"),
    ],
)
def test_what_tutorials_import_is_there(module, names):
    assert set(names.split()) <= set(
        INTERLEAVED_OFFERS[f"nemo_curator.stages.interleaved.{module}"]
    )
