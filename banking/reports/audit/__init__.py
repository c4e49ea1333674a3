"""The exceptions that auditors look for, each a named query (domain, section 6; docs/audit-library.md)."""
