"""One router a room; each verb parses, calls one service or selector, and answers."""
