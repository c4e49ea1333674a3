"""Whole stories in a real browser, without a mouse where a clerk would use none."""
