"""Where the parts reach each other: the provider the line, and the line the provider."""

from ivr.config import Settings, SettingsError


def with_simulator(settings: Settings, local_url: str) -> Settings:
    """With the simulator on, the provider is the web part itself, unless another one is named."""
    if not settings.simulator or settings.twilio_api_url:
        return settings
    return settings.model_copy(update={"twilio_api_url": f"{local_url}/simulator"})


def callback_url(settings: Settings, local_url: str) -> str:
    """Where the provider reaches the line when the line has placed a call.

    Raises SettingsError when that is not known: Twilio itself cannot reach an address of this machine.
    """
    if settings.public_url:
        return settings.public_url
    if not settings.twilio_api_url and not settings.simulator:
        raise SettingsError("CARELINE_PUBLIC_URL must be set for a real line: the provider calls it back there")
    return local_url


def local_url(port: int) -> str:
    """Where the web part is reached on this machine."""
    return f"http://127.0.0.1:{port}"
