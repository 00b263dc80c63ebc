"""Square maps between representations and their eigenvalues; spectra of features; their nulls."""
