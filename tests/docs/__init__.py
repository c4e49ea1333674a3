"""Documents that are made from the code, or say what the code does."""
