"""Carries out a study's planned analyses on its dataset."""
