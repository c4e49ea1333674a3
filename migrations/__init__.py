"""The one linear history of the tables, for both editions."""
