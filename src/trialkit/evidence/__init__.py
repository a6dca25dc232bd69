"""Claim and results to verdict, by rule."""
