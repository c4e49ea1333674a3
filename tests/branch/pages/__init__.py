"""Tests of the branch's pages, on a real branch with keys, chain and users."""
