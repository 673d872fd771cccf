"""A telephone network in a box: it calls the line, executes its TwiML, and answers its REST requests."""

from flask import Blueprint, Flask

from ivr.simulator.line import Line, Mishaps, Surroundings
from ivr.simulator.network import Network, line_at
from ivr.simulator.phone import Caller, Callers, create_phone_blueprint
from ivr.simulator.rest import create_rest_blueprint

EXTENSION = "careline-network"


def create_blueprint(network: Network, callers: Callers) -> Blueprint:
    """The provider's REST API below /simulator, and the browser phone at /phone."""
    blueprint = Blueprint("simulator", __name__)
    blueprint.record_once(lambda state: state.app.extensions.__setitem__(EXTENSION, network))
    blueprint.register_blueprint(create_rest_blueprint(network), url_prefix="/simulator")
    blueprint.register_blueprint(create_phone_blueprint(network, callers), url_prefix="/phone")
    return blueprint


def network_of(app: Flask) -> Network:
    """The network whose blueprint is registered on this application."""
    network: Network = app.extensions[EXTENSION]
    return network


__all__ = [
    "Caller",
    "Callers",
    "Line",
    "Mishaps",
    "Network",
    "Surroundings",
    "create_blueprint",
    "create_phone_blueprint",
    "create_rest_blueprint",
    "line_at",
    "network_of",
]
