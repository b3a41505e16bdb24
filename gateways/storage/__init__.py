"""Where uploaded files are kept: a protocol, and the forms it has."""
