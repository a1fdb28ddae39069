"""What `v380 help TOPIC` says of what many commands share."""

EXIT_CODES = """\
Exit codes

    0  done
    1  a bug of ours
    2  the command line, or a value in it, is wrong
    3  the camera was not found
    4  network or timeout
    5  the camera refuses the user or the password
    6  protocol: bytes that are not understood, or unsupported firmware
    7  the camera refuses: it is busy, has no card, or cannot do it
    8  media cannot be written or read
    9  disk, output file or device list
   10  done in part: some of several cameras failed, or more was missing than
       --max-gap allows
  129  hung up (HUP)
  130  interrupted (Ctrl-C); files are closed first
  143  terminated (TERM); files are closed first

Where several cameras fail, and all of them in the same way, the exit code is
that of the failure, else 10. With --json an error is on standard output:

  {"error": {"code": "...", "message": "...", "hint": "..."}}
"""

TARGETS = """\
Targets: how a camera is named

  porch                a name of the device list, in any case
  @outside             all cameras of a group of the list
  --all                all cameras of the list
  12345678             a device id: the number on the sticker
  00:11:22:33:44:55    a MAC address
  192.168.1.50         an address, with the port 8800
  192.168.1.50:8801    an address and its port

`-d porch` says the same as an option, and may come again. A camera that is not
in the list is looked for in the network. One that answers no discovery needs
its address and its id: v380 record 192.168.1.50 --id 12345678

The password is that of --password-stdin, else the list's, else that of
V380_PASSWORD; a person is asked for it. It is never an argument. `v380 devices
add porch` stores it, `v380 devices edit porch --new-password` changes it.
"""

DURATIONS = """\
Durations, times and sizes

  durations   90, 90s, 10m, 1h30m, 7d           --duration, --segment, --for
  times       2h (ago), today, yesterday,       --since, --until
              2026-11-20, 2026-11-20T08:00
  days        today, yesterday, 2026-11-20      --date
  sizes       500M, 1.5G, or a number of bytes  --keep-size, --min-free

Sizes are decimal, as disks are sold: 1G is 1,000,000,000 bytes. Times of
recordings are those of the camera's clock; --timezone says where that is.
"""

TEMPLATES = """\
Templates: names of files that are made

  {name}   the camera's name, fit for a path
  {id}     its device id
  {date}   20261120
  {time}   080000
  {start}  20261120-080000
  {type}   normal, motion or alarm; only of recordings on the SD card

An output is a file, a folder (it exists, or ends in a slash) or a template of
either: -o 'recordings/{name}/{date}/{time}.mp4'. Folders are made. Without one,
files go into the current folder as {name}-{start}.
"""

ENVIRONMENT = """\
Environment

An option of the command line goes before a variable, and a variable before the
configuration file.

Of all commands:
  V380_CONFIG          the configuration file, see: v380 help config
  V380_DATA_DIR        the folder of the device list, passwords, config.toml
  V380_VERBOSE         1 is -v, 2 is -vv
  V380_LOG_FILE        --log-file
  V380_QUIET           1 is --quiet
  NO_COLOR             no colours

Of cameras:
  V380_USERNAME        --username
  V380_PASSWORD        the password of cameras for which the list has none
  V380_INTERFACE       --interface of discover
  V380_TIMEZONE        --timezone

Secrets of one command, which are never arguments:
  V380_PSK             provision: the key of the Wi-Fi
  V380_HOTSPOT_PSK     provision: the key of the camera's own hotspot
  V380_NEW_PASSWORD    provision, settings set CAMERA password
  V380_STREAM_TO       stream: the address of --to, with its password
  V380_TOKEN           stream --serve; --metrics beyond this machine
  V380_SERVE_PASSWORD  serve: the password of players
  V380_WEBHOOK_SECRET  watch --webhook: what signs the events
  V380_MQTT_USERNAME   watch --mqtt
  V380_MQTT_PASSWORD   watch --mqtt

Told to the command of --on-segment:
  V380_RETRY           1 where it may have had the file before
"""

CONFIG = """\
The configuration file

  ~/.config/v380cli/config.toml, or what V380_CONFIG names; where V380_DATA_DIR
  is set, config.toml in that folder. `v380 config` shows where it is, what it
  sets, and what is wrong in it.

  timezone = "Europe/Madrid"    # of every command that has the option

  [record]
  output = "/srv/cameras/{name}/{date}/{time}.mp4"
  segment = "15m"
  keep-days = 14

  [snapshot]
  format = "png"

  [recordings]                  # of every command below recordings
  since = "7d"

  [recordings.sync]
  output = "/srv/cards"

Every long option can be named, without its dashes; a switch is true or false,
and reconnect = false is --no-reconnect. A command line goes before a variable,
and a variable before the file. V380_CONFIG=/dev/null is no file at all.
"""

TOPICS = {
    "exit-codes": EXIT_CODES,
    "targets": TARGETS,
    "durations": DURATIONS,
    "templates": TEMPLATES,
    "environment": ENVIRONMENT,
    "config": CONFIG,
}
