"""EPCIS 2.0 over REST at /epcis/v2: the standard's words, headers and problems (docs/epcis.md)."""
