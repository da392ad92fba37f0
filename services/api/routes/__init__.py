"""The routes, by subject; they reach the database through queries and commands only."""
