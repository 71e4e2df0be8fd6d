"""Connect: signing in to Azure, and going to another workspace."""
