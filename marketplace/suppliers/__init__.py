"""Floor 5: the register of those who may supply: qualification, proofs, ratings, debarment."""
