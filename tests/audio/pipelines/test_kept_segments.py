import pytest
from audio.runs import copied, data, rows_of

from curator_audio.pipelines.kept_segments import rewrite_kept
from curator_audio.recordings.segment_table import SEGMENTS
from curator_engine.errors import InputError


def test_nothing_is_changed_if_the_input_is_not_as_it_was(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    table = SEGMENTS.read(str(run))
    at = table.schema.get_field_index("stamp")
    other = table.set_column(at, table.schema.field(at), [["other"] * table.num_rows])
    with pytest.raises(InputError, match="nothing was changed"):
        rewrite_kept(str(run), other, table, {})
    assert data(run) == data(finished_segments)
    assert rows_of(run) == rows_of(finished_segments)
