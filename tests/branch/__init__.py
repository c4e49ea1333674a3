"""Tests of the branch edition."""
