"""Every table and column says who writes it and how it is merged; ids stand only where an id is meant."""

from typing import cast

import pytest
from sqlalchemy import Column, ForeignKey, Table

from schema.base import Base, BranchRow, Kind, LocalRow, Merge, Recorded, ReferenceRow, RowId, merge_of
from schema.tables import metadata
from schema.writing import images_by_table

MODELS = sorted(
    (mapper.class_ for mapper in Base.registry.mappers), key=lambda model: str(model.__tablename__)
)


def _columns(model: type[Base]) -> list[Column[object]]:
    return list(cast("Table", model.__table__).columns)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_every_table_declares_its_kind_and_its_merge_class(model: type[Base]) -> None:
    """Branch, reference or local; and the class that fits the kind."""
    assert isinstance(model.__kind__, Kind)
    assert isinstance(model.__merge__, Merge)
    expected = {Kind.BRANCH: BranchRow, Kind.REFERENCE: ReferenceRow, Kind.LOCAL: LocalRow}[model.__kind__]
    assert issubclass(model, expected)
    assert (model.__merge__ is Merge.NONE) == (model.__kind__ is Kind.LOCAL)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
def test_every_column_has_a_merge_class_and_shared_ones_a_group(model: type[Base]) -> None:
    """What no column says of itself it has from its table; shared profiles are merged by groups."""
    for column in _columns(model):
        merge = merge_of(column, model)
        if merge in {Merge.SHARED, Merge.UNIQUE} and column.name not in {"id", "origin_office_id"}:
            assert column.info.get("group"), f"{model.__tablename__}.{column.name} names no group"


def test_the_test_above_would_find_a_column_without_group() -> None:
    """A shared table whose column says nothing of itself is found."""
    bare: Column[str] = Column("nickname")
    client = next(model for model in MODELS if model.__tablename__ == "client")
    assert merge_of(bare, client) is Merge.SHARED
    assert not bare.info.get("group")


def test_rows_of_branches_carry_their_office_of_origin() -> None:
    """Every table that a branch writes has the office in it, and no unique constraint spans offices."""
    for model in MODELS:
        table = cast("Table", model.__table__)
        if model.__kind__ is Kind.BRANCH:
            assert "origin_office_id" in table.columns
        if issubclass(model, Recorded):
            assert [column.name for column in table.primary_key.columns] == ["id"]
            assert not [index for index in table.indexes if index.unique]


def test_ids_stand_only_in_columns_typed_as_id() -> None:
    """A reference to a row is an id, and what is typed as id is a primary key or ends in _id."""
    for table in metadata.tables.values():
        for column in table.columns:
            if any(isinstance(constraint, ForeignKey) for constraint in column.foreign_keys):
                assert isinstance(column.type, RowId), f"{table.name}.{column.name}"
            if isinstance(column.type, RowId):
                assert column.name == "id" or column.name.endswith("_id"), f"{table.name}.{column.name}"
            elif column.name.endswith("_id"):
                assert column.name in {"bundle_id", "kit_id", "public_id", "national_id"}, column.name


def test_an_op_image_has_every_column() -> None:
    """What replay and digest see is the whole row."""
    for name, images in images_by_table().items():
        assert {"id", *images.columns} == {column.name for column in metadata.tables[name].columns}
