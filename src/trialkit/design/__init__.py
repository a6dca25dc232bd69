"""Frame and terms to a design matrix with names; arms to labelled linear functions."""
