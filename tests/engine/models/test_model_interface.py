import pytest

from curator_engine.models.model_interface import ModelInterface


def test_a_model_says_what_it_loads_and_loads_it():
    class Ready(ModelInterface):
        @property
        def model_id_names(self):
            return ["org/name"]

        def setup(self):
            self.loaded = True

    model = Ready()
    model.setup()
    assert (model.model_id_names, model.loaded) == (["org/name"], True)


def test_one_that_does_not_load_is_none():
    class Half(ModelInterface):
        @property
        def model_id_names(self):
            return []

    with pytest.raises(TypeError, match="setup"):
        Half()  # pyright: ignore[reportAbstractUsage] (what is refused)
