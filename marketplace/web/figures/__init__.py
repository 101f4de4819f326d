"""Figures as SVG drawn by ourselves: no inline style, no script, a title and a description in each."""

from marketplace.web.figures.bar import fund_bar

FIGURES = {"fund_bar": fund_bar}
"""What every template may call."""
