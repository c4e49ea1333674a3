"""A branch that comes from Mifos 2: its tables as CSV files, one a table, read, written and compared."""
