"""What released programs wrote."""
