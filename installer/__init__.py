"""Sets up, runs and tests a checkout. Standard library only."""
