import pytest
from offers import install

from curator_engine.errors import ResourceError
from curator_image.captions import caption_languages
from curator_image.captions.caption_languages import TellCaptionLanguages, wanted_languages
from curator_image.task import ImageBatch, ImageObject

SOURCE = """
class Tags:
    def tag(self, text):
        return "deu" if "der" in text else "und"
    def wanted(self, codes):
        return [{"de": "deu"}.get(code, code) for code in codes]
"""


@pytest.fixture
def offered(tmp_path, monkeypatch):
    monkeypatch.setattr(caption_languages, "OFFER", "languages_of_a_test")
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "tags_a", offers={"languages_of_a_test": "tags_a:Tags"}, source=SOURCE)


def test_captions_get_their_language(offered):
    images = [ImageObject(metadata={"caption": text}) for text in ("der Bus", "8 x 10", " ")]
    TellCaptionLanguages().process(ImageBatch(data=images, dataset_name=""))
    assert [image.metadata.get("caption_language") for image in images] == ["deu", "und", None]
    assert wanted_languages(["de"]) == ["deu"]


def test_without_the_text_app_there_is_a_hint(monkeypatch):
    monkeypatch.setattr(caption_languages, "OFFER", "nobody_offers_it")
    with pytest.raises(ResourceError, match="install curator-text"):
        TellCaptionLanguages()
