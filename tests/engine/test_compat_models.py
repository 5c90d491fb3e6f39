"""Names of models, servers and YAML; that each is ours, `test_compat.py` shows of all."""

from curator_engine.compat import OFFERS
from curator_engine.compat_models import OF_MODELS


def test_they_are_among_those_that_are_offered():
    assert OF_MODELS.items() <= OFFERS.items()


def test_a_package_offers_what_its_modules_do():
    client = OF_MODELS["nemo_curator.models.client"]
    parts = [OF_MODELS[f"nemo_curator.models.client.{m}_client"] for m in ("llm", "openai")]
    assert client == {**parts[0], **parts[1]}
