"""What the command lines of both editions share: options, opening a home, answers and refusals."""
