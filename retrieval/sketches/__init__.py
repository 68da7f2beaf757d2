"""Drawings: made from photos, read from data sets, brought into the form that the encoder sees."""
