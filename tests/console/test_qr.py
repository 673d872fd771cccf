"""The QR code of an enrolment: what authenticators scan."""

import hashlib

import pytest

from care_records.console.accounts import qr

URI = "otpauth://totp/Careline:wang?secret=JBSWY3DPEHPK3PXP&issuer=Careline"
SCANNED = "4888b77bec2c41f8bf8464aaff6b4b67692b42025188401ad31a98861994c83a"
"""Of the picture of URI that a scanner has read back."""


def test_the_picture_is_the_one_that_a_scanner_has_read() -> None:
    assert hashlib.sha256(qr.path(URI).encode()).hexdigest() == SCANNED


@pytest.mark.parametrize("text", ["", URI, "彩虹桥" * 25, "x" * qr.LONGEST])
def test_each_block_of_the_code_is_a_multiple_of_its_generator(text: str) -> None:
    """Else a scanner takes it for damaged, and mends what was right."""
    codewords = qr._codewords(text.encode())
    data, corrections = codewords[:232], codewords[232:]
    for block in range(2):
        values = data[block::2] + corrections[block::2]
        for power in range(30):
            root = 1
            for _ in range(power):
                root = qr._times(root, 2)
            total = 0
            for value in values:
                total = qr._times(total, root) ^ value
            assert total == 0


def test_every_place_is_either_fixed_or_free() -> None:
    fixed, free = qr._fixed(), list(qr._free(qr._fixed()))

    assert len(set(free)) == len(free) == (232 + 60) * 8
    assert not set(free) & set(fixed)
    assert len(free) + len(fixed) == qr.SIDE**2


def test_a_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(qr.TooLongError):
        qr.path("x" * (qr.LONGEST + 1))
