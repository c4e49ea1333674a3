"""Everything that can be done by name: the acts of all rooms, and how they are run.

A room adds its module to the imports and its ``ACTS`` to the list.
"""

from collections.abc import Mapping
from typing import Final

from banking.acts import (
    approvals,
    bank,
    cash,
    chart,
    client_corrections,
    client_moves,
    closing,
    credit_lines,
    groups,
    incoming_payments,
    journal,
    loans,
    loans_beside,
    loans_changes,
    loans_life,
    meetings,
    messages,
    notices,
    officers,
    offices,
    people,
    products,
    profiles,
    provisions,
    publishing,
    savings,
    savings_beside,
    sheets,
    surveys,
    user_orders,
)
from banking.acts.registry import Act, registered

ACTS: Final[Mapping[str, Act]] = registered(
    approvals.ACTS,
    bank.ACTS,
    cash.ACTS,
    chart.ACTS,
    client_corrections.ACTS,
    client_moves.ACTS,
    closing.ACTS,
    credit_lines.ACTS,
    groups.ACTS,
    incoming_payments.ACTS,
    journal.ACTS,
    loans.ACTS,
    loans_beside.ACTS,
    officers.ACTS,
    offices.ACTS,
    people.ACTS,
    loans_changes.ACTS,
    loans_life.ACTS,
    meetings.ACTS,
    messages.ACTS,
    notices.ACTS,
    products.ACTS,
    profiles.ACTS,
    provisions.ACTS,
    publishing.ACTS,
    savings.ACTS,
    savings_beside.ACTS,
    sheets.ACTS,
    surveys.ACTS,
    user_orders.ACTS,
)
"""All acts by name."""
