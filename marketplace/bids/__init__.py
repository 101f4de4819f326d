"""Floor 7: sealed bids — encrypted on arrival, replaced, withdrawn, opened by two of three."""
