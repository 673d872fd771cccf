"""The line itself: conversations, telephony, the simulator and the command line."""
