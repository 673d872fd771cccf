"""The audio that the provider fetches in order to play it."""

import hashlib

from flask import Response, abort, request

from ivr.guards import public
from ivr.telephony.audio import CONTENT_TYPE, Addresses, Audio
from prompts import Studio

FOR_EVER = 365 * 24 * 3600
"""Seconds: what HTTP calls for ever."""


class Playback:
    """Public, since providers do not sign what they fetch to play: a clip is no secret, and spoken words have an
    address that nobody can guess."""

    def __init__(self, language: str, addresses: Addresses, studio: Studio) -> None:
        self._language = language
        self._addresses = addresses
        self._audio = Audio(studio)

    @public
    def clip(self, language: str, name: str) -> Response:
        """A recorded clip; 404 when there is none of that name."""
        if language != self._language:
            abort(404)
        try:
            audio = self._audio.recorded(name, "slow" in request.args)
        except KeyError:
            abort(404)
        return _wav(audio, for_ever="v" in request.args)

    @public
    def spoken(self, token: str) -> Response:
        """Words spoken at run time; 404 unless the line itself wrote the address."""
        words = self._addresses.words(token)
        if words is None:
            abort(404)
        return _wav(self._audio.spoken(*words), for_ever=True)


def _wav(audio: bytes, *, for_ever: bool) -> Response:
    response = Response(audio, content_type=CONTENT_TYPE)
    response.set_etag(hashlib.sha256(audio).hexdigest()[:32])
    if for_ever:
        response.cache_control.public = True
        response.cache_control.max_age = FOR_EVER
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
