"""The console command and the demonstration, which need both editions."""
