"""Tests of the page kit, on a small edition of its own."""
