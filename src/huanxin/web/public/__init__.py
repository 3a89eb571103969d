"""Public: the front page, the doors in and out, and the gallery of parts."""
