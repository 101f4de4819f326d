"""Floor 11: aid programmes, beneficiaries, entitlements and payment rosters."""
