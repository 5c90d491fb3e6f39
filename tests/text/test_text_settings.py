"""What every text job takes that reads documents."""

from curator_text.settings import RemovalSettings
from curator_text.text_settings import TextSettings
from curator_text.token_settings import TokenizeSettings


def test_all_jobs_that_read_documents_take_them_alike():
    assert issubclass(RemovalSettings, TextSettings)
    assert issubclass(TokenizeSettings, TextSettings)
    assert TextSettings().text_field == "text"
