"""The page: plain server-rendered HTML that works without scripts."""
