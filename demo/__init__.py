"""Demo data: a cast of people and a shop full of goods, for trying things out; never in production."""
