"""The language of a report: one catalogue of messages, numbers and dates by custom."""
