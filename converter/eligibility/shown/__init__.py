"""What was understood of criteria, shown: to a person on a terminal, to a program as JSON, as a page of HTML."""
