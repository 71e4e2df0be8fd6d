"""One module per screen; each is handed the services that it needs."""
