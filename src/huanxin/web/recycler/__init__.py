"""Pages of recyclers: the collector's phone at the door, the manager's desk."""
