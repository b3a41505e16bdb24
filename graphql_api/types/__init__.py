"""The types of the schema, one file per domain."""
