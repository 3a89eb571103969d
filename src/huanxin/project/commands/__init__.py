"""One module a command. Django is imported only inside the functions that need it."""
