"""The ground: settings, database, cache, errors, money, time and ids; it knows nothing of shops."""
