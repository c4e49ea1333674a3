"""The pages of a branch: one file for each subject, with the same names as templates and tests."""
