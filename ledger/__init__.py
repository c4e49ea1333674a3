"""The bank's arithmetic: pure rules on plain values, standard library only, nothing read from outside."""
