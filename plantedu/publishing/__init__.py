"""What ships: which weights, their cards, and how they are made again."""
