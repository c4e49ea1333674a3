"""Files that must be refused, and a few that must be read for ever."""
