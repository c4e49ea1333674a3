"""Sets up, runs and tests a checkout: ``python3 -m installer setup|run|test|lock``. Standard library only."""
