"""Gateway: the small ASGI process of the flash claim."""
