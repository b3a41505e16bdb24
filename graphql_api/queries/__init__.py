"""The queries of the schema, one file per domain."""
