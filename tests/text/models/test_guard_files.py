"""What a guard builds on lies in its folder, or has an id on the hub."""

from curator_text.models.guard_files import AEGIS_VARIANTS, LLAMA_GUARD, adapter_of, base_of


def test_a_folder_may_hold_what_the_guard_builds_on(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "adapter").mkdir()
    assert base_of(str(tmp_path)) == str(tmp_path / "base")
    assert adapter_of(str(tmp_path)) == str(tmp_path / "adapter")
    assert base_of(str(tmp_path), "mine") == "mine"


def test_else_it_has_an_id_on_the_hub(tmp_path):
    assert base_of(str(tmp_path)) == LLAMA_GUARD
    assert adapter_of("nvidia/instruction-data-guard") == AEGIS_VARIANTS[0]
