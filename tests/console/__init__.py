"""What the commands of both editions share."""
