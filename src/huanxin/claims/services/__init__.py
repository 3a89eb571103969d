"""Everything that may happen to a sale and its claim. The only code that writes claims' tables."""
