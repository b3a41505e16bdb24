"""Things that happen later: tasks of the Celery worker, each idempotent and in one transaction."""
