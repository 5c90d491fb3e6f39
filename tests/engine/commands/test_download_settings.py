import pytest

from curator_engine.commands.download_settings import DownloadOptions
from curator_engine.errors import SettingsError


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"per_file": 0}, "--per-file 0 is below 1"),
        ({"per_file": 10_001}, "above 10,000"),
        ({"threads": 0}, "--threads 0"),
        ({"per_host": 0.0}, "--per-host 0.0 is not above 0"),
        ({"retries": -1}, "--retries -1"),
        ({"max_size": "0"}, "--max-size 0"),
        ({"retry_failed": True, "overwrite": True}, "choose one"),
        ({"proxy": "socks5://a"}, "the proxy has no address of http"),
    ],
)
def test_values_out_of_range_are_refused(options, why):
    with pytest.raises(SettingsError, match=why):
        DownloadOptions(inputs=["l"], output="o", **options).check()
