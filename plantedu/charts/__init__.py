"""Charts as values, drawn from rows; the palette."""
