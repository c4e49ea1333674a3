"""The pages of headquarters."""
