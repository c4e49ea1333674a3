"""Acts: the registry, and the acts of each room through the command line."""
