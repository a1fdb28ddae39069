"""Passwords: in the operating system's keyring where one works, else in the device list's file.

A key is the random one of the device, so that two data directories never share an entry.
"""

import sqlite3
from importlib import import_module
from typing import Any, Protocol

from v380cli.errors import StorageError
from v380cli.models import Secret

KEYRING_SERVICE = "v380cli"
# keyring's own measure: 1 and more is a backend that it recommends; `fail` has 0, `null` -1.
KEYRING_MIN_PRIORITY = 1

IN_KEYRING = "keyring"
IN_DATABASE = "database"


class PasswordStore(Protocol):
    """A place for passwords by key; each method raises StorageError when the place is shut."""

    def read(self, key: str) -> Secret:
        """The password, empty where there is none."""
        ...

    def write(self, key: str, password: Secret) -> None:
        """Store or replace."""
        ...

    def remove(self, key: str) -> None:
        """Forget; a key that is not there is no error."""
        ...


class DatabasePasswords:
    """Passwords in the list's own file, which is readable by its owner alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def read(self, key: str) -> Secret:
        """The password, empty where there is none."""
        row = self._connection.execute(
            "SELECT password FROM passwords WHERE device_key = ?", (key,)
        ).fetchone()
        return Secret(row[0] if row else "")

    def write(self, key: str, password: Secret) -> None:
        """Store or replace."""
        self._connection.execute(
            "INSERT OR REPLACE INTO passwords (device_key, password) VALUES (?, ?)",
            (key, password.reveal()),
        )

    def remove(self, key: str) -> None:
        """Forget; a key that is not there is no error."""
        self._connection.execute("DELETE FROM passwords WHERE device_key = ?", (key,))


class KeyringPasswords:
    """Passwords in the operating system's keyring, through one backend of `keyring`."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def read(self, key: str) -> Secret:
        """The password; an entry that has gone is an error, since the list says there is one."""
        try:
            password = self._backend.get_password(KEYRING_SERVICE, key)
        except Exception as error:  # backends let the errors of their own libraries through
            raise _shut(error) from None
        if password is None:
            raise StorageError(
                "the password is no longer in the system's keyring",
                hint="set it again with: v380 devices edit NAME --new-password",
            )
        return Secret(password)

    def write(self, key: str, password: Secret) -> None:
        """Store or replace."""
        try:
            self._backend.set_password(KEYRING_SERVICE, key, password.reveal())
        except Exception as error:
            raise _shut(error) from None

    def remove(self, key: str) -> None:
        """Forget; a key that is not there is no error."""
        try:
            if self._backend.get_password(KEYRING_SERVICE, key) is not None:
                self._backend.delete_password(KEYRING_SERVICE, key)
        except Exception as error:
            raise _shut(error) from None


def open_keyring() -> KeyringPasswords | None:
    """The system's keyring, or None where `keyring` is not installed or has no working backend."""
    try:
        # 89 ms to import: only when a password is really read or written.
        backend = import_module("keyring").get_keyring()
        works = backend.priority >= KEYRING_MIN_PRIORITY
    except Exception:  # a backend without its D-Bus service raises whatever it likes
        return None
    return KeyringPasswords(backend) if works else None


def load_keyring() -> None:
    """Do what takes time at the first password, before a lock that others would wait for."""
    open_keyring()


def open_place(place: str, connection: sqlite3.Connection) -> PasswordStore:
    """The store called `place`; raises StorageError for a keyring that does not work any more."""
    if place == IN_DATABASE:
        return DatabasePasswords(connection)
    if keyring := open_keyring():
        return keyring
    raise StorageError(
        "the password is in the system's keyring, which does not work here",
        hint="install the extra (pip install 'v380cli[keyring]') or log in to the desktop session",
    )


def write_password(key: str, password: Secret, connection: sqlite3.Connection) -> str:
    """Store in the best place that takes it and return the name of that place."""
    if keyring := open_keyring():
        try:
            keyring.write(key, password)
        except StorageError:  # a locked keyring must not keep a camera from being added
            pass
        else:
            return IN_KEYRING
    DatabasePasswords(connection).write(key, password)
    return IN_DATABASE


def _shut(error: Exception) -> StorageError:
    """Only the kind of `error` is told: its text might quote the password."""
    return StorageError(
        f"the system's keyring does not open ({type(error).__name__})", hint="unlock it first"
    )
