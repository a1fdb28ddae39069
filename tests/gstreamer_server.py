"""An RTSP server that is not ours, GStreamer's; run by the system's Python, which has its bindings.

    python3 gstreamer_server.py PORT '{"/live/ch00_1": "( filesrc ... )"}' [--user U] [--udp]

The password of `--user` comes on standard input. It says `ready` on standard output.
"""

import argparse
import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"
WAYS = {True: GstRtsp.RTSPLowerTrans.UDP, False: GstRtsp.RTSPLowerTrans.TCP}


def make_factory(launch: str, *, udp: bool, is_guarded: bool) -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_protocols(WAYS[udp])
    if is_guarded:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role(ROLE, "media.factory.access", True)
        permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
        factory.set_permissions(permissions)
    return factory


def make_guard(user: str, password: str) -> GstRtspServer.RTSPAuth:
    guard = GstRtspServer.RTSPAuth()
    guard.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    guard.add_digest(user, password, token)
    return guard


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port")
    parser.add_argument("mounts", type=json.loads)
    parser.add_argument("--user", default="")
    parser.add_argument("--udp", action="store_true")
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service(options.port)
    points = server.get_mount_points()
    for path, launch in options.mounts.items():
        is_guarded = bool(options.user)
        points.add_factory(path, make_factory(launch, udp=options.udp, is_guarded=is_guarded))
    if options.user:
        server.set_auth(make_guard(options.user, sys.stdin.readline().strip()))
    if not server.attach(None):
        sys.exit(f"port {options.port} is taken")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


main()
