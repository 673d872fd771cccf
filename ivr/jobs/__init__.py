"""What the line does of its own accord: due rows found on a clock, and carried to workers as ids.

The rows are the truth. A task names one, whoever gets it does what is still due, and a task that is lost costs nothing
but the time until the row is found again.
"""
