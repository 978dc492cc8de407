"""Texts: clauses that keep their identity, the smallest changes to them, what meets what, and how texts come together."""
