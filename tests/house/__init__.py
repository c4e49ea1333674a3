"""Tests of the house rules: names, lengths, directions, words."""
