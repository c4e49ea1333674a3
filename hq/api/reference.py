"""What headquarters makes and every branch reads: offices, products, the chart of accounts."""

from collections.abc import Callable
from typing import Final

from hq.api.errors import NOT_FOUND
from hq.api.kinds import CODE, Choice
from hq.api.listings import Listing, rows_of_page
from hq.api.operations import Answer, Call, Operation, Parameter
from hq.api.paging import PAGING, limit_of, page
from hq.api.shapes import Field, Form, object_of, page_of

OFFICES: Final = Listing(
    fields=(
        Field("id", Form.ID, "Its id.", "o.id"),
        Field("code", Form.TEXT, "Its short code.", "o.code"),
        Field("name", Form.TEXT, "Its name.", "o.name"),
        Field(
            "parent_id",
            Form.ID,
            "The office above it; null for the head office.",
            "o.parent_id",
            is_null=True,
        ),
        Field("state", Form.TEXT, "open or closed.", "o.state"),
    ),
    tables="office AS o",
    office="o.id",
)
CHART: Final = Listing(
    fields=(
        Field("id", Form.ID, "Its id.", "g.id"),
        Field("code", Form.TEXT, "Its code.", "g.code"),
        Field("name", Form.TEXT, "Its name.", "g.name"),
        Field("type", Form.TEXT, "asset, liability, equity, income or expense.", "g.type"),
        Field("usage", Form.TEXT, "header or detail.", "g.usage"),
        Field("parent_id", Form.ID, "The account above it.", "g.parent_id", is_null=True),
        Field("active", Form.FLAG, "Whether entries may be booked on it.", "g.active"),
        Field("manual_entries", Form.FLAG, "Whether people may book on it by hand.", "g.manual_entries"),
    ),
    tables="gl_account AS g",
    filters={"code": "g.code = ?"},
)


def _products(kind: str) -> Listing:
    return Listing(
        fields=(
            Field("id", Form.ID, "Its id.", "p.id"),
            Field("kind", Form.TEXT, "loan or savings.", f"'{kind}'"),
            Field("code", Form.TEXT, "Its code.", "p.code"),
            Field("name", Form.TEXT, "Its name.", "p.name"),
            Field("version", Form.COUNT, "Number of its version.", "p.version"),
            Field("annual_rate", Form.TEXT, "Interest in percent a year.", "p.annual_rate"),
            Field("active", Form.FLAG, "Whether new accounts may be opened under it.", "p.active"),
        ),
        tables=f"{kind}_product AS p",
    )


PRODUCTS: Final = {"loan": _products("loan"), "savings": _products("savings")}


def _list_of(listing: Listing) -> Callable[[Call], Answer]:
    def run(call: Call) -> Answer:
        with call.installation.database.reading() as session:
            rows = rows_of_page(session, call, listing)
        return 200, page(call, rows, lambda row: listing.document(call, row))

    return run


def _list_products(call: Call) -> Answer:
    """List products of loans and savings."""
    kind = call.text("kind")
    with call.installation.database.reading() as session:
        rows = [
            row
            for name, listing in PRODUCTS.items()
            if kind in {None, name}
            for row in rows_of_page(session, call, listing)
        ]
    rows.sort(key=lambda row: int(row[0]))
    listing = PRODUCTS["loan"]
    return 200, page(call, rows[: limit_of(call) + 1], lambda row: listing.document(call, row))


OPERATIONS: Final = (
    Operation(
        "listOffices",
        "GET",
        "/offices",
        "List the offices that the token may see.",
        _list_of(OFFICES),
        page_of(object_of(OFFICES.fields)),
        parameters=PAGING,
        refusals=(NOT_FOUND,),
        group="Reference",
    ),
    Operation(
        "listProducts",
        "GET",
        "/products",
        "List loan and savings products.",
        _list_products,
        page_of(object_of(PRODUCTS["loan"].fields)),
        parameters=(Parameter("kind", Choice(("loan", "savings")), "Only of this kind."), *PAGING),
        refusals=(NOT_FOUND,),
        group="Reference",
    ),
    Operation(
        "listGlAccounts",
        "GET",
        "/gl-accounts",
        "List the accounts of the chart.",
        _list_of(CHART),
        page_of(object_of(CHART.fields)),
        parameters=(Parameter("code", CODE, "Exactly this code."), *PAGING),
        refusals=(NOT_FOUND,),
        group="Reference",
    ),
)
