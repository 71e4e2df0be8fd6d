"""The adapter of the embedded workspace: a folder on this machine."""
