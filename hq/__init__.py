"""The headquarters edition: inbox, consolidation, decisions, publishing."""
