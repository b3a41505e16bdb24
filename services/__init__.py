"""The business: rules, reads and writes by domain. Knows no web, no GraphQL, no queue."""
