"""Files to a checked frame with ADaM names, a fingerprint and a certificate."""
