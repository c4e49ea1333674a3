"""Tests of loading and posting files."""
