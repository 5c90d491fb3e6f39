import pytest
from image_drawings import photo

from curator_engine.errors import PipelineError, UnreadableFileError
from curator_image.synthetic.ocr_data import OCRData
from curator_image.synthetic.sample_pictures import fail, name_of, pixels_of, text_data
from curator_image.task import ImageSampleTask, ImageTaskData


def test_the_picture_of_a_sample_is_made_no_larger_than_asked(tmp_path):
    photo().resize((60, 40)).save(tmp_path / "a.png")
    data = ImageTaskData(image_path=tmp_path / "a.png")
    assert pixels_of(data, side=30).shape == (20, 30, 3)
    assert name_of(data) == "a.png"
    with pytest.raises(UnreadableFileError):
        pixels_of(ImageTaskData(image_path=str(tmp_path / "gone.png")), side=30)


def test_a_failed_sample_has_the_stage_and_the_reason():
    data = ImageTaskData(image_path="a.png")
    fail(data, "ocr", ValueError("two\nlines"))
    assert (data.is_valid, data.error) == (False, "ocr: two lines")
    fail(data, "ocr", KeyError())
    assert data.error == "ocr: KeyError"


def test_data_without_room_for_text_is_refused():
    with pytest.raises(PipelineError, match="task_type=OCRData"):
        text_data(ImageSampleTask(data=ImageTaskData(image_path="a.png")), "ocr")
    assert isinstance(text_data(ImageSampleTask(data=OCRData(image_path="a")), "ocr"), OCRData)
