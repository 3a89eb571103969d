"""Station: a clerk does the same for a resident without a phone, on her recorded word."""
