"""Where data lies: the datastores, the form that makes one, the folders in it and its files."""
