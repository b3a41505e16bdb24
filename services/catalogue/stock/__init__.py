"""Stock: taken, counted, adjusted, never below zero; every change a row of the ledger."""
