"""Reports, held to figures worked out by hand, to one another and to the books."""
