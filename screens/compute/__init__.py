"""Where jobs run: the list with its tabs, the form that creates and attaches, sizes, nodes."""
