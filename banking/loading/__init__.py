"""Books that come from elsewhere: files read, every row checked, then all of it written or nothing."""
