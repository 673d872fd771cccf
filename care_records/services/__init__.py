"""What may be done with the records. Each function works in the session it is given and never commits."""
