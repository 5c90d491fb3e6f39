"""NeMo Curator's models of videos, by its names: TransNetV2 with random weights, and a stand-in of Cosmos-Embed1."""

import numpy as np
import pytest
from language_models import write_llama
from video.cosmos_toy import write_cosmos

from curator_engine.errors import InputError, SettingsError
from curator_video.stages.embedders import VARIABLE
from curator_video.stages.named_models import (
    SHOT_MODEL,
    SHOT_WEIGHTS,
    CosmosEmbed1,
    QwenLM,
    TransNetV2,
)

torch = pytest.importorskip("torch")
MODEL = "nvidia/Cosmos-Embed1-224p"


def frames(count, side=(27, 48)):
    return np.random.default_rng(0).integers(0, 256, (count, *side, 3), np.uint8)


def test_transnetv2_gives_what_its_network_gives(tmp_path):
    from curator_video.models import transnetv2

    torch.manual_seed(0)
    network = transnetv2.TransNetV2().eval()
    (tmp_path / SHOT_MODEL).mkdir(parents=True)
    torch.save(network.state_dict(), tmp_path / SHOT_MODEL / SHOT_WEIGHTS)
    model = TransNetV2(str(tmp_path))
    assert model.model_id_names == [SHOT_MODEL]
    given = torch.from_numpy(frames(6))[None]
    with pytest.raises(InputError, match="TransNetV2 is not ready"):
        model(given)
    model.setup()
    with torch.inference_mode():
        expected = network(given).numpy()
    assert model(given).numpy()[:, :, 0] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(InputError, match=r"shape \(1, n, 27, 48, 3\), not \(6, 27, 48, 3\)"):
        model(given[0])


def test_transnetv2_without_weights_says_where_they_belong(tmp_path):
    with pytest.raises(InputError, match="holds no Sn4kehead/TransNetV2"):
        TransNetV2(str(tmp_path)).setup()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("models")
    write_cosmos(place / MODEL)
    return str(place)


def test_cosmos_embeds_clips_and_texts(folder, monkeypatch):
    from curator_video.models.cosmos_embed1 import CosmosEmbed1 as Cosmos

    monkeypatch.setenv(VARIABLE, "1")
    model = CosmosEmbed1(variant="224p", model_dir=folder)
    model.setup()
    clip = list(frames(19, (18, 32)))
    assert model.formulate_input_frames(clip[:7]) is None
    prepared = model.formulate_input_frames(clip)
    assert prepared is not None
    assert prepared.shape == (1, model.get_target_num_frames(), 3, 18, 32)
    vector = model.encode_video_frames(prepared).numpy()
    ours = Cosmos(f"{folder}/{MODEL}", device="cpu", trust_remote_code=True)
    expected = ours.embed([np.stack(clip[::2][:8])])
    assert vector / np.linalg.norm(vector) == pytest.approx(expected, abs=1e-5)
    texts = [model.get_text_embedding(text) for text in ("a cat", "rain")]
    shares, places = model.evaluate(model.encode_video_frames(prepared), texts)
    assert sum(shares) == pytest.approx(1)
    assert sorted(places) == [0, 1]


def test_cosmos_needs_leave_for_its_code_and_a_variant_that_is_there(folder, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    model = CosmosEmbed1(variant="224p", model_dir=folder)
    with pytest.raises(InputError, match="not ready"):
        model.get_target_num_frames()
    with pytest.raises(InputError, match="comes with its own Python code"):
        model.setup()
    with pytest.raises(SettingsError, match="variant='1p' is not known"):
        CosmosEmbed1(variant="1p")


def test_qwen_goes_on_with_conversations(tmp_path):
    write_llama(tmp_path / "Qwen/Qwen2.5-14B-Instruct")
    model = QwenLM(str(tmp_path), caption_batch_size=2, max_output_tokens=6)
    assert model.model_id_names == ["Qwen/Qwen2.5-14B-Instruct"]
    chats = [[{"role": "user", "content": letter * 3}] for letter in "abcdefgh"]
    with pytest.raises(InputError, match="QwenLM is not ready"):
        model.generate(chats)
    model.setup()
    together = model.generate(chats)
    assert together == [model.generate([chat])[0] for chat in chats]
    assert len(set(together)) > 1


def test_qwen_refuses_what_is_vllm_s_and_unknown_variants():
    with pytest.raises(SettingsError, match="fp8 is not offered"):
        QwenLM(fp8=True)
    with pytest.raises(SettingsError, match="gpu_memory_utilization is not offered"):
        QwenLM(gpu_memory_utilization=0.5)
    with pytest.raises(SettingsError, match="model_variant='gpt' is not offered"):
        QwenLM(model_variant="gpt")
