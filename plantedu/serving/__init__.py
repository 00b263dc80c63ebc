"""The server's doors: names, origins, password, bounds."""
