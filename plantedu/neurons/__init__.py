"""What single units of a representation tell, and dictionaries that may tell it better."""
