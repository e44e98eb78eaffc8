"""Files written atomically, and files from anyone."""
