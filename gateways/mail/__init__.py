"""Sending mail: one letter to one address, by SMTP, by SendGrid's HTTP API, or into the log of a developer."""
