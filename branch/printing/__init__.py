"""Small printing without a dialog: receipts, vouchers, passbook lines and statements on every usual printer.

A document (``documents``) is built once from neutral parts (``parts``) and becomes 80-column text (``text``),
ESC/POS for strips of 58 and 80 mm (``escpos``), a picture of letters that no code page has, or PDF
(``setting``). ``printers`` keeps which printer prints what, ``delivery`` brings the bytes to it.
"""
