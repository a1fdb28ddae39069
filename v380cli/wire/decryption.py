"""Whether and how the media of one stream are encrypted (PROTOCOL.md, sections 2b and 11)."""

from enum import StrEnum

from v380cli.wire.crypto import GROUP_ENCRYPTED_BYTES, MediaCipher, media_key
from v380cli.wire.live import WHOLE_BLOCK_VERSION
from v380cli.wire.login import LoginTicket

START_CODES = (b"\0\0\1", b"\0\0\0\1")  # of Annex B
CLEAR_HEADS = (*START_CODES, b"\xff\xd8\xff")  # of a video payload; the last begins a JPEG


class Encryption(StrEnum):
    """What is encrypted of the video; audio is then encrypted in whole blocks."""

    CLEAR = "clear"
    GROUPS = "64-of-80"
    WHOLE_BLOCKS = "whole-blocks"


class MediaDecryptor:
    """Decrypts as the versions demand, unless the first video frame proves otherwise."""

    def __init__(self, ticket: LoginTicket) -> None:
        self.encryption = Encryption.GROUPS if ticket.encrypts_media else Encryption.CLEAR
        self._encrypted_form = Encryption.GROUPS
        self._cipher = MediaCipher(media_key(ticket.ticket))
        self._is_settled = False

    def set_stream_version(self, version: int) -> None:
        """Take the version of the 401 into account."""
        if version == WHOLE_BLOCK_VERSION:
            self._encrypted_form = Encryption.WHOLE_BLOCKS
        if self.encryption is not Encryption.CLEAR:
            self.encryption = self._encrypted_form

    def decrypt_video(self, payload: bytes) -> bytes:
        """A video payload in clear."""
        if not self._is_settled and len(payload) >= GROUP_ENCRYPTED_BYTES:
            self._settle(payload[:GROUP_ENCRYPTED_BYTES])
        match self.encryption:
            case Encryption.GROUPS:
                return self._cipher.decrypt_video(payload)
            case Encryption.WHOLE_BLOCKS:
                return self._cipher.decrypt_video_whole_blocks(payload)
        return payload

    def decrypt_audio(self, payload: bytes) -> bytes:
        """An audio payload in clear."""
        if self.encryption is Encryption.CLEAR:
            return payload
        return self._cipher.decrypt_audio(payload)

    def _settle(self, head: bytes) -> None:
        """Believe the first bytes more than the versions: which firmware encrypts is hearsay."""
        self._is_settled = True
        if head.startswith(CLEAR_HEADS):
            self.encryption = Encryption.CLEAR
        elif self._cipher.decrypt_video(head).startswith(CLEAR_HEADS):
            self.encryption = self._encrypted_form
