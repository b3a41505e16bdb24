"""Plain HTTP doors and the pages for people: home, documentation, playground, health."""
