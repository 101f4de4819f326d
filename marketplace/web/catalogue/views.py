"""What the catalogue's pages show that the domain does not know: colours."""

from marketplace.catalogue.states import Match

TONES = {Match.EXACT: "green", Match.NEAR: "yellow", Match.UNVERIFIED: "grey"}
"""The colour of the word that says how sure a procurement code is."""
