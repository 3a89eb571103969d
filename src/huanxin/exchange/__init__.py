"""Exchange: what passes between the platform and other systems: lists out and in, webhooks."""
