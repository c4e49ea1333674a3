"""What the bank costs in time and bytes, as ratios measured in one run."""
