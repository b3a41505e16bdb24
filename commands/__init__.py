"""The commands of manage.py, loaded when they are called: `serve` stays small beside what it serves."""
