"""The columns of the single steps are NeMo Curator's."""

from curator_text.dedup import step_names


def test_the_columns_are_those_that_its_users_read():
    assert step_names.CURATOR_DEFAULT_MINHASH_FIELD == "_minhash_signature"
    assert step_names.CURATOR_LSH_BUCKET_FIELD == "_bucket_id"
    assert step_names.CURATOR_FUZZY_DUPLICATE_GROUP_FIELD == "_duplicate_group_id"
