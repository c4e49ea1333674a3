"""The merge rules, printed from the declarations that the code runs."""

from flask import Blueprint, render_template

from hq.merge_rules import CLASSES, KINDS, merge_rules
from web.guards import requires

rules = Blueprint("rules", __name__)


@rules.get("/rules")
@requires("reports.see")
def show() -> str:
    """Show every table and column with its merge class."""
    return render_template("rules/show.html", rules=merge_rules(), classes=CLASSES, kinds=KINDS)
