"""Reads papers and photos: bytes in, facts with source and confidence out. No Django, no store."""
