"""Rows of many folders, of which few can be open at a time."""

import json

from curator_engine.stages.part_files import LineFiles
from curator_text.removal import shape_files
from curator_text.removal.shape_files import write_pieces


def test_more_folders_than_may_be_open_get_all_their_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(shape_files, "_OPEN_FILES", 2)
    passes = []

    def read(wants):
        passes.append(0)
        for number in range(30):
            folder = (str(number % 5),)
            if wants(folder):
                yield folder, b"%d\n" % number

    def made(folder):
        return LineFiles(path_of=lambda _: str(tmp_path / f"{folder[0]}.jsonl"))

    written = write_pieces(read, made)
    assert len(passes) == 3
    assert len(written) == 5
    for number in range(5):
        lines = (tmp_path / f"{number}.jsonl").read_text().split()
        assert [json.loads(line) for line in lines] == list(range(number, 30, 5))
