"""The records: people, calls, help requests and what the line has to tell. Knows nothing of telephones."""
