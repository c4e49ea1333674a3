"""The tables, their column types and merge classes, and the one door to the database file."""
