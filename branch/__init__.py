"""The branch edition: pages for clerks, command line, scheduler."""
