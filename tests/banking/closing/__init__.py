"""Tests of what closes do."""
