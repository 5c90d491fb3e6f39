"""Single records, from a server of the test."""

import gzip

import pyarrow as pa
import pytest
from web_pages import LONG, html, record
from web_server import serving

from curator_text.extract.warc_reader import CommonCrawlWARCReader
from curator_text.task import DocumentBatch

RECORD = gzip.compress(record(html(LONG * 3).encode(), url="http://a.example/1", number=1))


@pytest.fixture(scope="module")
def site():
    answers = {
        "/span.warc.gz": (206, {"Content-Range": "bytes 5-9/99"}, RECORD),
        "/c/1.warc.gz": (200, {}, RECORD),
    }
    with serving(answers) as made:
        yield made


@pytest.mark.parametrize(("drops", "found"), [(True, 1), (False, 2)])
def test_single_records_are_read_by_their_places(site, drops, found):
    table = pa.table(
        {
            "warc_filename": ["span.warc.gz", "c/1.warc.gz"],
            "warc_record_offset": [5, 0],
            "warc_record_length": [5, 5],
        }
    )
    reader = CommonCrawlWARCReader(drop_failed=drops, base_url=site.url, max_retries=0)
    batch = reader.process(DocumentBatch(data=table, dataset_name="x"))
    assert batch is not None
    contents = batch.data.column("binary_content").to_pylist()
    assert contents == [html(LONG * 3).encode(), None][:found]
