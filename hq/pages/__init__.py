"""The pages of headquarters: one file for each subject, with the same names as templates and tests."""
