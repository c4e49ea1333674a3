"""The pure rules: money, dates, schedules, allocation, entries, statements."""
