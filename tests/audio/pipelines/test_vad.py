from audio.runs import lines_of, rows_of

from curator_audio.pipelines.vad import VadWorkflow
from curator_audio.settings import VadSettings
from curator_engine.executors.local import LocalExecutor


def test_speech_is_found_where_it_is(speech_folder, tmp_path):
    names = ("jfk.flac", "nonspeech_sorohanro_-_solo-trumpet-06.ogg")
    settings = VadSettings(
        inputs=[str(speech_folder / name) for name in names], output=str(tmp_path / "out")
    )
    facts = VadWorkflow(settings=settings).run(LocalExecutor({"workers": 1})).metadata
    assert (facts["kept"], facts["without_speech"]) == (3, 1)
    spoken = (tmp_path / "out/rttm/jfk.rttm").read_text().splitlines()
    assert len(spoken) == len(lines_of(tmp_path / "out/manifest.jsonl")) == 3
    assert spoken[0].split()[7] == "speech"
    assert (tmp_path / "out/rttm/nonspeech_sorohanro_-_solo-trumpet-06.rttm").read_text() == ""
    assert not (tmp_path / "out/data").exists()
    assert len(rows_of(tmp_path / "out")) == 4
