import pytest
from chat_server import chat_server, complaint, said, text_in
from image_drawings import photo, rgb_of

from curator_engine.items.item import Item
from curator_image.captions.caption_images import CaptionImages
from curator_image.task import ImageBatch, ImageObject


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def batch(count=3):
    pictures = [rgb_of(photo(seed=i).resize((32, 24))) for i in range(count)]
    return ImageBatch(
        data=[ImageObject(image_data=each, metadata={"caption": "its own"}) for each in pictures]
    )


def described(task, url, **options):
    stage = CaptionImages(model=url, backoff_s=0.01, **options)
    stage.setup()
    done = stage.process(task)
    stage.teardown()
    return done.data


def test_each_picture_is_described_and_keeps_its_caption():
    with chat_server(lambda body: said("a scene")) as server:
        images = described(batch(), server.url, prompt="What is it?")
    assert [image.metadata["description"] for image in images] == ["a scene"] * 3
    assert {image.metadata["caption"] for image in images} == {"its own"}
    assert all(text_in(body).endswith("What is it?") for body in server.questions)
    assert [len(body["messages"][0]["content"]) for body in server.questions] == [2, 2, 2]


def test_pictures_that_are_dropped_or_cannot_be_read_are_not_asked_about():
    task = batch()
    task.data[0].metadata["item"] = Item(uuid="0", drop_reason="blurred")
    task.data[1].image_data = None
    with chat_server(lambda body: said("a scene")) as server:
        described(task, server.url)
    assert len(server.questions) == 1


def test_an_endpoint_that_refuses_everything_is_not_asked_to_the_end():
    with chat_server(lambda body: complaint(401, "wrong key")) as server:
        images = described(batch(8), server.url, batch=2)
    assert len(server.questions) == 2
    assert {image.metadata["caption_error"] for image in images} == {
        f"{server.url} answered 401: wrong key"
    }
