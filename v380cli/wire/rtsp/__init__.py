"""RTSP 1.0 as a server speaks it (RFC 2326), with digest authentication (RFC 2617)."""
