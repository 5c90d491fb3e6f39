"""Options of the jobs that look at what texts say: what does not fit together."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.content_settings import DecontaminateSettings, LangidSettings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (LangidSettings(id_field="language"), "another option's"),
        (LangidSettings(model="x.bin", detector="eldc"), "exclude each other"),
        (LangidSettings(min_score=-0.1), "--min-score"),
        (DecontaminateSettings(inputs=["x"]), "no evaluation sets"),
        (DecontaminateSettings(ngram=0), "--ngram 0"),
        (DecontaminateSettings(min_words=0), "--min-words 0 is below 1"),
    ],
)
def test_what_does_not_fit_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        settings.check()
