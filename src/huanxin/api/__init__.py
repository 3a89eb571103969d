"""API: JSON over HTTP, one router a context."""
