"""The mutations of the schema, one file per domain."""
