"""What analyses return, how it is stored, and how two results are compared."""
