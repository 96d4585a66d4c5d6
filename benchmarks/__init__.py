"""Commands that measure; their numbers stand beside the peer's in the same run."""
