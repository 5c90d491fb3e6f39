import pytest
from tiny_models import write_head

from curator_engine.errors import InputError
from curator_engine.models.model_names import AESTHETIC, AESTHETIC_FILE, CLIP
from curator_image.models.weights import (
    NSFW,
    NSFW_FILE,
    model_place,
    nsfw_file,
    weights_file,
)


def test_a_folder_an_id_or_the_model_s_own(tmp_path):
    assert model_place(None, CLIP) == CLIP
    assert model_place("other/clip", CLIP) == "other/clip"
    assert model_place(str(tmp_path), CLIP) == str(tmp_path)


def test_a_folder_in_which_models_lie_by_their_ids(tmp_path):
    (tmp_path / CLIP).mkdir(parents=True)
    assert model_place(str(tmp_path), CLIP) == str(tmp_path / CLIP)


def test_weights_are_a_file_or_lie_in_a_folder(tmp_path):
    path = write_head(tmp_path / AESTHETIC_FILE)
    assert weights_file(path, AESTHETIC, AESTHETIC_FILE) == path
    assert weights_file(str(tmp_path), AESTHETIC, AESTHETIC_FILE) == path


def test_a_folder_without_weights_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"holds no model\.safetensors"):
        weights_file(str(tmp_path), AESTHETIC, AESTHETIC_FILE)


def test_what_is_no_name_of_a_model_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="neither a folder nor a hub id"):
        weights_file(str(tmp_path / "none"), AESTHETIC, AESTHETIC_FILE)


def test_the_nsfw_head_may_lie_by_its_name_as_nemo_curator_puts_it(tmp_path):
    (tmp_path / NSFW).mkdir(parents=True)
    (tmp_path / NSFW / NSFW_FILE).touch()
    assert nsfw_file(str(tmp_path), None) == str(tmp_path / NSFW / NSFW_FILE)


def test_the_nsfw_head_is_a_file_that_is_given_or_in_the_folder(tmp_path):
    (tmp_path / NSFW_FILE).touch()
    assert nsfw_file(str(tmp_path), None) == str(tmp_path / NSFW_FILE)
    assert nsfw_file(None, str(tmp_path / NSFW_FILE)) == str(tmp_path / NSFW_FILE)
    with pytest.raises(InputError, match="is on no hub"):
        nsfw_file(None, None)
    with pytest.raises(InputError, match="does not exist"):
        nsfw_file(None, str(tmp_path / "other.pth"))
