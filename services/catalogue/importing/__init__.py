"""Products in bulk: files of them, read line by line, checked, and written set by set."""
