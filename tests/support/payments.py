"""Lists of payments as a telephone company writes them."""

from collections.abc import Sequence

from tests.support.road import DAY


def mobile_list(rows: Sequence[tuple[str, ...]]) -> bytes:
    """Write a list: receipt, amount, telephone and account as typed, of each payment."""
    head = "Receipt No.,Completion Time,Details,Paid In,Withdrawn,Other Party Info,A/C No.\n"
    lines = [
        f'{receipt},{DAY} 09:00:00,Pay Bill,"{amount}",,{phone + " - SOMEBODY" if phone else ""},{account}\n'
        for receipt, amount, phone, account in rows
    ]
    return (head + "".join(lines)).encode()
