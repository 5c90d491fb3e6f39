import numpy as np
import pytest
from audio.runs import audio
from audio.small_networks import write_sigmos, write_squim, write_utmos
from audio.sounds import sound_file

from curator_audio.pipelines.curate import CurateWorkflow
from curator_audio.recordings.rate_segments import RateSegments
from curator_audio.recordings.segment_table import SEGMENTS
from curator_audio.settings import CurateSettings
from curator_audio.task import AudioBatch, Segment
from curator_engine.errors import InputError, SettingsError
from curator_engine.items.limit import Limit

SIGMOS = {f"sigmos_{name}" for name in ("ovrl", "sig", "noise", "col", "disc", "loud", "reverb")}
SQUIM = {"pesq_squim", "stoi_squim", "sisdr_squim"}


@pytest.fixture
def noise(tmp_path):
    samples = np.random.default_rng(0).normal(0, 0.1, (32_000, 1)).astype(np.float32)
    (tmp_path / "noise.wav").write_bytes(sound_file(samples))
    return str(tmp_path / "noise.wav")


def rated(path, *spans, **settings):
    stage = RateSegments(device="cpu", **settings)
    stage.check()
    stage.setup_on_node()
    stage.setup()
    segments = [Segment(uuid=f"{a}", path=path, start_s=a, end_s=b) for a, b in spans]
    found = stage.process(AudioBatch(data=segments)).data
    stage.teardown()
    return found


def test_segments_get_the_ratings_that_are_asked_for(noise, tmp_path):
    sigmos, utmos = write_sigmos(tmp_path / "s.onnx"), write_utmos(tmp_path / "u.pt")
    squim = write_squim(tmp_path)
    every, short = rated(noise, (0, 0.5), (1, 1.01), sigmos=sigmos, squim=squim, utmos=utmos)
    assert set(every.scores) == SIGMOS | SQUIM | {"utmos_mos"}
    assert set(short.scores) == SIGMOS
    (alone,) = rated(noise, (0, 0.5), utmos=utmos)
    assert alone.scores["utmos_mos"] == pytest.approx(every.scores["utmos_mos"], abs=0.05)
    limit = Limit(group="utmos", score="utmos_mos", value=100.0, least=True)
    (gone,) = rated(noise, (0, 0.5), utmos=utmos, limits=[limit])
    assert gone.drop_stage == "utmos"


def test_a_recording_that_is_gone_is_an_error_of_its_segments(tmp_path):
    (gone,) = rated("gone.wav", (0, 1), sigmos=write_sigmos(tmp_path / "s.onnx"))
    assert "gone.wav" in gone.errors["ratings"]
    assert RateSegments().process(AudioBatch(data=[])).data == []
    with pytest.raises(InputError, match="no such file with a network"):
        RateSegments(squim="absent.pth").check()


@pytest.mark.parametrize("name", ["sigmos", "squim", "utmos"])
def test_a_file_of_another_network_is_refused_and_no_folder_is_made(noise, tmp_path, capsys, name):
    words = ["curate", noise, "-o", f"{tmp_path}/out", f"--{name}", noise]
    assert audio(*words) == 2
    assert f"{noise} " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_curate_rates_and_drops_by_it(noise, tmp_path):
    sigmos = write_sigmos(tmp_path / "s.onnx")
    settings = CurateSettings(
        inputs=[noise],
        output=str(tmp_path / "out"),
        cut="whole",
        sigmos=sigmos,
        min_sigmos_ovrl=5.0,
        output_format="none",
        executor="local",
    )
    CurateWorkflow(settings=settings).run()
    (row,) = SEGMENTS.read(str(tmp_path / "out")).to_pylist()
    assert row["sigmos_ovrl"] > 0
    assert row["utmos_mos"] is None
    assert row["keep"] is (row["sigmos_ovrl"] >= 5)
    with pytest.raises(SettingsError, match="no effect without --utmos"):
        CurateSettings(inputs=["x"], output="y", min_utmos_mos=3.0).check()
