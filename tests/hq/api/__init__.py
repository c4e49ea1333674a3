"""The HTTP API of headquarters."""
