"""What an auditor checks a pack with, without us: ``satchel_verify.py`` travels in every pack."""
