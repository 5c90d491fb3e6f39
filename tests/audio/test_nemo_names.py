from importlib import import_module

from curator_audio.nemo_names import OFFERS


def test_every_offer_is_there():
    for names in OFFERS.values():
        for module, name in names.values():
            assert getattr(import_module(module), name)
