"""How alike two representations are, how many directions one fills, which picture finds which."""
