"""What people build with a memory: one folder per application, each on the verbs and values that any caller has."""
