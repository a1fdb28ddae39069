"""How the picture looks, by ONVIF (Imaging Service Specification): colour, or black and white.

By night a camera takes its infrared filter out of the way, and the picture loses its colour.
"""

from enum import StrEnum
from html import escape
from xml.etree import ElementTree

from v380cli.wire.onvif_xml import read_text


class IrCutFilter(StrEnum):
    """Where the infrared filter is: before the sensor, as by day, or away, as by night."""

    ON = "ON"
    OFF = "OFF"
    AUTO = "AUTO"


def encode_get_imaging(source: str) -> str:
    """The body of GetImagingSettings for a video source."""
    return f"<GetImagingSettings>{_name_source(source)}</GetImagingSettings>"


def encode_set_filter(source: str, wanted: IrCutFilter) -> str:
    """The body of SetImagingSettings with the filter alone; the rest stays as it is."""
    return (
        f"<SetImagingSettings>{_name_source(source)}<ImagingSettings>"
        f"<tt:IrCutFilter>{wanted}</tt:IrCutFilter></ImagingSettings>"
        "<ForcePersistence>true</ForcePersistence></SetImagingSettings>"
    )


def decode_filter(body: ElementTree.Element) -> IrCutFilter | None:
    """Where the filter is; None for a camera that has none, or tells something else."""
    told = read_text(body, "IrCutFilter").upper()
    return IrCutFilter(told) if told in tuple(IrCutFilter) else None


def _name_source(source: str) -> str:
    return f"<VideoSourceToken>{escape(source)}</VideoSourceToken>"
