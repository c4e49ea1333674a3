"""Collection sheets: planned, printed, keyed back, counted and posted.

``plan`` says who owes what at a meeting, ``sheets`` numbers and keeps what was printed, ``drafts`` keeps what
is keyed cell by cell, ``keyed`` reads a sheet with its draft, ``control`` explains a difference to the cash
that was counted, ``posting`` books all of it or nothing.

Three rules hold everywhere. The order on paper is the order of keying. A cell that nobody keyed blocks the
posting, unless nothing is expected in its column (``columns.OPTIONAL``: withdrawals and fines), where a
blank says that no money moved. What is due includes what is overdue.
"""
