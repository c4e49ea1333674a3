"""What people do with the books, one module per subject, as functions on a Session."""
