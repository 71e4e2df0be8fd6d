"""Files in Azure storage, whoever opens it: a workspace, a datastore with its own secret, or a signed address."""
