"""The marketplace: public bodies buy social services, and every fen is followed to an accepted milestone."""
