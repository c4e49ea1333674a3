"""The console command, the demonstration and the arithmetic without a bank."""
