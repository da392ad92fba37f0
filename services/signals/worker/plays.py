"""How an alert becomes a run: from the library's words to rows."""
