"""Stories at headquarters."""
