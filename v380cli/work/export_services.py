"""Texts that keep recorders running: systemd, Docker Compose, Kubernetes.

Beyond what one machine carries, these are the engine: each replica records its share of the list,
and a hook uploads what is finished.
"""

from collections.abc import Iterator

from v380cli.work.export_streams import ExportPlan

IMAGE = "v380cli:latest"
CAMERAS_PER_REPLICA = 16
UPLOAD = "rclone move {path} store:cameras/{camera}/"
TEMPLATE = "{name}/{date}/{time}.mp4"


def export_systemd(plan: ExportPlan) -> Iterator[str]:
    """A unit of the user that records the cameras all the time."""
    yield "# ~/.config/systemd/user/v380-record.service; then:"
    yield "#   systemctl --user enable --now v380-record.service"
    yield '#   sudo loginctl enable-linger "$USER"   # so that it runs while nobody is logged in'
    yield "[Unit]"
    yield "Description=Record V380 cameras"
    yield ""
    yield "[Service]"
    yield "Type=notify"
    yield "WatchdogSec=120"
    yield f"ExecStart={plan.command} record {plan.targets} --wait --segment 15m \\"
    yield f"    --keep-size 200G --min-free 2G --output %h/video/{TEMPLATE}"
    yield "# cameras that are added and removed join and leave: systemctl --user reload"
    yield "ExecReload=/bin/kill -HUP $MAINPID"
    yield "Restart=always"
    yield "RestartSec=30"
    yield "# 2 is a mistake in the command, 5 a refused log-in: neither gets better by itself"
    yield "RestartPreventExitStatus=2 5"
    yield "SuccessExitStatus=143"
    yield ""
    yield "[Install]"
    yield "WantedBy=default.target"


def export_compose(plan: ExportPlan) -> Iterator[str]:
    """A Compose file with one recorder for each share of the list."""
    replicas = _count_replicas(plan)
    yield "# compose.yaml. The image is built from the Dockerfile; ./data holds the device list"
    yield "# (v380 devices export, import), rclone.conf the store. Neither is in this file."
    yield "# ./data and ./video belong to the user 1000, who runs it."
    yield "services:"
    for number in range(1, replicas + 1):
        yield f"  recorder-{number}:"
        yield f"    image: {IMAGE}"
        yield f"    command: {_write_list(_record_words(f'{number}/{replicas}'))}"
        yield "    network_mode: host  # cameras are found by broadcast"
        yield "    restart: unless-stopped"
        yield "    stop_grace_period: 30s"
        yield "    environment:"
        yield "      V380_DATA_DIR: /data"
        yield "      RCLONE_CONFIG: /run/secrets/rclone"
        yield "    volumes:"
        yield "      - ./data:/data"
        yield "      - ./video:/video"
        yield "    secrets: [rclone]"
    yield "secrets:"
    yield "  rclone: {file: ./rclone.conf}"


def export_k8s(plan: ExportPlan) -> Iterator[str]:
    """A StatefulSet whose replicas share the list by their ordinals."""
    replicas = _count_replicas(plan)
    words = _record_words(f"$(( ${{POD_NAME##*-}} + 1 ))/{replicas}")
    yield "# kubectl apply -f -, with two secrets that are made from files:"
    yield "#   kubectl create secret generic v380-devices --from-file=devices.db"
    yield "#   kubectl create secret generic v380-rclone --from-file=rclone.conf"
    yield "apiVersion: apps/v1"
    yield "kind: StatefulSet"
    yield "metadata: {name: v380-recorder}"
    yield "spec:"
    yield "  serviceName: v380-recorder"
    yield f"  replicas: {replicas}"
    yield "  selector: {matchLabels: {app: v380-recorder}}"
    yield "  template:"
    yield "    metadata: {labels: {app: v380-recorder}}"
    yield "    spec:"
    yield "      hostNetwork: true  # cameras are found by broadcast"
    yield "      terminationGracePeriodSeconds: 30"
    yield "      securityContext: {runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000}"
    yield "      containers:"
    yield "        - name: recorder"
    yield f"          image: {IMAGE}"
    yield '          command: ["/bin/sh", "-ec"]'
    yield "          args:"
    yield "            - |"
    yield "              mkdir -p -m 700 /video/.v380"
    yield "              install -m 600 /devices/devices.db /video/.v380/devices.db"
    yield f"              exec {_write_shell(words)}"
    yield "          env:"
    yield "            # not HOSTNAME, which is the node's in its network"
    yield "            - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}"
    yield "            - {name: V380_DATA_DIR, value: /video/.v380}"
    yield "            - {name: RCLONE_CONFIG, value: /rclone/rclone.conf}"
    yield "          volumeMounts:"
    yield "            - {name: video, mountPath: /video}"
    yield "            - {name: devices, mountPath: /devices, readOnly: true}"
    yield "            - {name: rclone, mountPath: /rclone, readOnly: true}"
    yield "      volumes:"
    yield "        - {name: devices, secret: {secretName: v380-devices}}"
    yield "        - {name: rclone, secret: {secretName: v380-rclone}}"
    yield "  volumeClaimTemplates:"
    yield "    - metadata: {name: video}"
    yield "      spec:"
    yield "        accessModes: [ReadWriteOnce]"
    yield "        resources: {requests: {storage: 50Gi}}"


def _count_replicas(plan: ExportPlan) -> int:
    return -(-len(plan.cameras) // CAMERAS_PER_REPLICA)


def _record_words(shard: str) -> list[str]:
    words = ["v380", "record", "--all", "--shard", shard, "--wait", "--segment", "5m"]
    words += ["--output", f"/video/{TEMPLATE}", "--min-free", "1G", "--on-segment", UPLOAD]
    return words


def _write_list(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def _write_shell(words: list[str]) -> str:
    """For a shell that is to fill in what stands in $(( ))."""
    return " ".join(f'"{word}"' if set(word) & set(" {$") else word for word in words)
