"""What closes do: the steps of a day, accruals, provisions, ends of periods, ends of years, snapshots."""
