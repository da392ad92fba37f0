"""Words with behaviour that several services share; standard library only."""
