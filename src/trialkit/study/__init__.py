"""The specification: protocol, plan, articles; ``study.toml`` in and out."""
