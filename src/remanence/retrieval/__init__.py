"""Reading: candidates from each arm, one fusion, a context within a budget."""
