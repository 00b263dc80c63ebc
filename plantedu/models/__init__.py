"""Networks and the SwAV objective."""
