"""How the line's own speech model is made: from voices to the folder that Vosk loads."""
