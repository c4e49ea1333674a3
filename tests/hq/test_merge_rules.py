"""The printed rules are the declared ones."""

from hq.merge_rules import CLASSES, KINDS, merge_rules
from schema.base import Kind, Merge
from schema.tables import metadata
from schema.writing import images_by_table


def test_every_table_and_column_is_printed_once() -> None:
    """No table is forgotten; each column of a table that travels stands under it."""
    printed = {rule.name: rule for rules in merge_rules().values() for rule in rules}
    assert set(printed) == set(metadata.tables)
    for name, rule in printed.items():
        assert {column.name for column in rule.columns} | {"id"} >= set(metadata.tables[name].columns.keys())
        assert rule.meaning


def test_the_class_is_the_one_that_the_code_runs() -> None:
    """What is printed of a table is what the recorder and the fold go by."""
    for rules in merge_rules().values():
        for rule in rules:
            if rule.kind is Kind.LOCAL:
                assert {column.merge for column in rule.columns} <= {Merge.NONE}
            else:
                images = images_by_table()[rule.name]
                assert (rule.kind, rule.merge) == (images.kind, images.merge)
                local = {column.name for column in rule.columns if column.merge is Merge.NONE}
                assert local.isdisjoint(images.columns)


def test_columns_of_their_own_class_stand_out() -> None:
    """A client's telephone is shared, the national id a unique number, the group the owner's."""
    client = next(rule for rule in merge_rules()[Kind.BRANCH] if rule.name == "client")
    found = {column.name: (column.merge, column.group) for column in client.columns}
    assert found["phone"] == (Merge.SHARED, "telephone")
    assert found["national_id"] == (Merge.UNIQUE, "identity")
    assert found["group_id"] == (Merge.OWNED, "")
    assert found["deceased"] == (Merge.ONE_WAY, "")


def test_every_class_and_kind_is_explained() -> None:
    """An auditor finds a sentence for each word that the tables use."""
    assert set(CLASSES) == set(Merge)
    assert set(KINDS) == set(Kind)
