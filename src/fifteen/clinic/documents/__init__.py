"""Documents: scans, orders and consents, kept sealed in files of their own."""
