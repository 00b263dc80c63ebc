"""One thin file a command that is no method."""
