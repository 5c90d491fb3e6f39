import numpy as np
import pytest
import soundfile
from speech_models import write_ctc

from curator_audio.read.audio_error import AudioError
from curator_audio.task import AudioTask
from curator_audio.transcripts.asr_stage import ASRStage
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline

NOISE = np.random.default_rng(0).normal(0, 0.1, 22050).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_ctc(tmp_path_factory.mktemp("ctc"))


def transcribe(entries, folder, **options):
    stage = ASRStage(model_id=folder, adapter_kwargs={"device": "cpu"}, **options)
    tasks = [AudioTask(data=entry) for entry in entries]
    pipeline = Pipeline(name="asr", stages=[stage])
    found = pipeline.run(LocalExecutor(), initial_tasks=list(tasks))
    assert found is not None
    return [task.data for task in found]


def test_files_and_samples_are_transcribed_alike(tmp_path, folder):
    soundfile.write(tmp_path / "a.wav", NOISE, 22050, subtype="FLOAT")
    entry = {"waveform": np.stack([NOISE, NOISE]), "sampling_rate": 22050}
    (by_file,) = transcribe([{"audio_filepath": str(tmp_path / "a.wav")}], folder, extras_key="asr")
    (by_samples,) = transcribe([entry], folder, waveform_key="waveform")
    assert by_file["pred_text"]
    assert by_file["pred_text"] == by_samples["pred_text"]
    assert by_file["asr"]["words"][0]["start_s"] >= 0
    assert "waveform" not in by_samples


def test_of_a_segment_only_its_span_is_transcribed(tmp_path, folder):
    path = str(tmp_path / "a.wav")
    soundfile.write(path, np.tile(NOISE, 2), 22050, subtype="FLOAT")
    whole, part = transcribe(
        [{"audio_filepath": path}, {"audio_filepath": path, "start_ms": 0, "end_ms": 500}],
        folder,
        extras_key="asr",
    )
    last = [entry["asr"]["words"][-1]["end_s"] for entry in (part, whole)]
    assert last[0] <= 0.5 < last[1]


def test_an_entry_that_cannot_be_read_is_marked_and_the_others_go_on(tmp_path, folder):
    soundfile.write(tmp_path / "a.wav", NOISE, 22050)
    (tmp_path / "b.wav").write_bytes(b"no sound")
    entries = [{"audio_filepath": str(tmp_path / name)} for name in ("b.wav", "a.wav")]
    bad, good = transcribe(entries, folder)
    assert (bad["pred_text"], bad["_skipme"]) == ("", "audio_load_error")
    assert "_skipme" not in good
    assert good["pred_text"]


def test_an_entry_that_cannot_be_read_may_fail(tmp_path, folder):
    (tmp_path / "b.wav").write_bytes(b"no sound")
    stage = ASRStage(model_id=folder, fail_on_audio_error=True)
    with pytest.raises(AudioError):
        stage.process(AudioTask(data={"audio_filepath": str(tmp_path / "b.wav")}))


def test_languages_that_are_not_listed_are_marked(folder):
    entries = [{"source_lang": "DE"}, {}, {"pred_text": "so", "source_lang": "fr"}]
    german, unknown, done = transcribe(
        entries, folder, supported_language_codes=["en"], skip_if_output_exists=True
    )
    assert (german["_skipme"], unknown["_skipme"]) == ("language_not_supported", "language_missing")
    assert german["additional_notes"] == {"ASR_inference": "unsupported language de"}
    assert done == {"pred_text": "so", "source_lang": "fr"}


def test_settings_are_checked():
    with pytest.raises(SettingsError, match="two names"):
        ASRStage(pred_text_key="_skipme")
    with pytest.raises(SettingsError, match="batch_size"):
        ASRStage(batch_size=0)
    with pytest.raises(SettingsError, match=r"ASRStage\.adapter_target"):
        ASRStage(adapter_target="")
    with pytest.raises(SettingsError, match="names no class"):
        ASRStage(adapter_target="nowhere.Adapter").setup()
    nemo = "curator_audio.models.asr_adapters.NeMoASRAdapter"
    with pytest.raises(ResourceError, match="nemo_toolkit"):
        ASRStage(adapter_target=nemo, model_id="nvidia/x").setup_on_node()
    ASRStage(adapter_target=nemo, prefetch_fail_on_error=False).setup_on_node()
