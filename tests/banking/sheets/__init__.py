"""Collection sheets: planned, printed, keyed, counted, posted."""
