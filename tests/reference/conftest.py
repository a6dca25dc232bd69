"""The programs that made the figures are no tests, and need what the tests do not."""

collect_ignore_glob = ["*/generate.py"]
