"""How the media of a recording are made clear (PROTOCOL.md, sections 2b and 11)."""

from v380cli.wire.card.words import CardFrame
from v380cli.wire.commands import VIDEO_TYPES, FrameType
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.decryption import START_CODES
from v380cli.wire.login import LoginTicket

IMA_TYPES = frozenset({FrameType.IMA_ADPCM, FrameType.IMA_ADPCM_VARIANT})
IMA_MAX_STEP_INDEX = 88


class CardDecryptor:
    """Recorded video is clear or encrypted as live video is; sound goes by the version (2b).

    Both are hearsay, so what a frame must begin with is believed more.
    """

    def __init__(self, ticket: LoginTicket) -> None:
        self._cipher = MediaCipher(media_key(ticket.ticket))
        self._decrypts_audio = ticket.encrypts_media
        self._is_audio_settled = not ticket.encrypts_media

    def decrypt(self, frame: CardFrame) -> CardFrame:
        """The frame with its payload in clear."""
        if frame.frame_type in VIDEO_TYPES:
            if frame.payload.startswith(START_CODES):
                return frame
            clear = self._cipher.decrypt_video(frame.payload)
            return frame._replace(payload=clear) if clear.startswith(START_CODES) else frame
        if not self._is_audio_settled:
            self._settle_audio(frame)
        if self._decrypts_audio:
            return frame._replace(payload=self._cipher.decrypt_audio(frame.payload))
        return frame

    def _settle_audio(self, frame: CardFrame) -> None:
        """Go by the header of the sound where only one of the two readings has one."""
        is_clear = _begins_like_sound(frame.frame_type, frame.payload)
        deciphered = self._cipher.decrypt_audio(frame.payload)
        if is_clear != _begins_like_sound(frame.frame_type, deciphered):
            self._decrypts_audio = not is_clear
            self._is_audio_settled = True


def _begins_like_sound(frame_type: int, payload: bytes) -> bool:
    """Whether it has the header of its coding; true for those without one."""
    if frame_type in IMA_TYPES:
        return len(payload) >= 4 and payload[2] <= IMA_MAX_STEP_INDEX and payload[3] == 0
    if frame_type == FrameType.AAC_ADTS:
        return payload[:1] == b"\xff" and payload[1] & 0xF6 == 0xF0
    return True
