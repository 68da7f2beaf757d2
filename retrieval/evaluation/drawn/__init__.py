"""Measures by drawings of people: of a kind, and of one product each."""
