"""What outreach changes, by what it changes."""
