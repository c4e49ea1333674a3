"""Doors for other programs: tokens, and an HTTP API that is declared, checked and described in one place."""
