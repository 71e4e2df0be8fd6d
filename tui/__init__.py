"""The application: entry point, key bindings, command line, settings."""
