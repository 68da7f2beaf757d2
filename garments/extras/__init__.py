"""Bags, hats, jewellery and other accessories, kind by kind."""
