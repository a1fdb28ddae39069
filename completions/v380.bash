# bash completion for v380, written by `v380 completion bash`

_v380_names() {
    local name
    while IFS= read -r name; do
        [[ $name && $name == "${current//\\/}"* ]] || continue
        printf -v name %q "$name"
        COMPREPLY+=("$name")
    done
}

_v380_camera() { _v380_names < <(_V380_COMPLETE=cameras v380 2>/dev/null "${current//\\/}"); }

_v380_target() { _v380_names < <(_V380_COMPLETE=targets v380 2>/dev/null "${current//\\/}"); }

_v380_position() {
    _v380_names < <(_V380_COMPLETE=positions v380 "${first//[\\\"\']/}" 2>/dev/null)
}

_v380_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_v380_file() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

_v380_assignment() {
    local before='' typed=$current
    case $current,$previous in
    =,*) before=$previous= typed='' ;;
    *,=) before=${COMP_WORDS[COMP_CWORD - 2]}= ;;
    esac
    while [[ $# -gt 0 && $1 != "${given[1 - named]}" ]]; do shift 2; done
    mapfile -t COMPREPLY < <(compgen -W "${2-}" -- "$before$typed")
    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

_v380_text() { :; }

_v380() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' first='' word skip=0 place=0 named=0 given=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if (( skip )); then
            skip=0
            continue
        fi
        case $word in
        -d | --device | --device=* | --all) named=1 ;;
        esac
        case "$command $word" in
        ' capture' | ' capture explain' | ' capture fixture' | ' capture record' | ' completion' | ' config' | ' demo' | ' devices' | ' devices add' | ' devices edit' | ' devices export' | ' devices import' | ' devices label' | ' devices list' | ' devices remove' | ' devices show' | ' discover' | ' doctor' | ' events' | ' export' | ' help' | ' image' | ' info' | ' light' | ' preset' | ' provision' | ' provision ap' | ' provision batch' | ' provision qr' | ' provision scan' | ' provision smartlink' | ' ptz' | ' record' | ' recordings' | ' recordings download' | ' recordings list' | ' recordings play' | ' recordings sync' | ' recordings timeline' | ' recover' | ' report' | ' serve' | ' settings' | ' settings apply' | ' settings dump' | ' settings firmware' | ' settings format' | ' settings get' | ' settings set' | ' simulate' | ' snapshot' | ' stream' | ' talk' | ' track' | ' view' | ' wall' | ' watch' | ' zoom') command+=" $word" ;;
        ' --log-file' | ' capture explain --port' | ' capture explain --log-file' | ' capture fixture -o' | ' capture fixture --output' | ' capture fixture --model' | ' capture fixture --source' | ' capture fixture --port' | ' capture fixture --log-file' | ' capture record -d' | ' capture record --device' | ' capture record -o' | ' capture record --output' | ' capture record --duration' | ' capture record --max-size' | ' capture record --id' | ' capture record --username' | ' capture record --log-file' | ' completion --log-file' | ' config --log-file' | ' demo --duration' | ' demo -o' | ' demo --output' | ' demo --log-file' | ' devices add --id' | ' devices add --address' | ' devices add --mac' | ' devices add --username' | ' devices add --group' | ' devices add --qr' | ' devices add --quality' | ' devices add --via' | ' devices add --rtsp' | ' devices add --notes' | ' devices add --log-file' | ' devices edit --name' | ' devices edit --id' | ' devices edit --address' | ' devices edit --mac' | ' devices edit --username' | ' devices edit --group' | ' devices edit --no-group' | ' devices edit --quality' | ' devices edit --via' | ' devices edit --rtsp' | ' devices edit --notes' | ' devices edit --log-file' | ' devices export --format' | ' devices export --log-file' | ' devices import --format' | ' devices import --log-file' | ' devices label -o' | ' devices label --output' | ' devices label --log-file' | ' devices list --log-file' | ' devices remove --log-file' | ' devices show --log-file' | ' discover --timeout' | ' discover --interface' | ' discover --address' | ' discover --id' | ' discover --count' | ' discover --log-file' | ' doctor -d' | ' doctor --device' | ' doctor -o' | ' doctor --output' | ' doctor --via' | ' doctor --id' | ' doctor --username' | ' doctor --log-file' | ' events -d' | ' events --device' | ' events --since' | ' events --player' | ' events --log-file' | ' export -d' | ' export --device' | ' export --host' | ' export --log-file' | ' help -o' | ' help --output' | ' help --log-file' | ' image -d' | ' image --device' | ' image --via' | ' image --id' | ' image --username' | ' image --log-file' | ' info -d' | ' info --device' | ' info --timezone' | ' info --via' | ' info --id' | ' info --username' | ' info --log-file' | ' light -d' | ' light --device' | ' light --brightness' | ' light --sensitivity' | ' light --id' | ' light --username' | ' light --log-file' | ' preset -d' | ' preset --device' | ' preset --name' | ' preset --via' | ' preset --id' | ' preset --username' | ' preset --log-file' | ' provision ap --ssid' | ' provision ap --id' | ' provision ap --address' | ' provision ap --hotspot' | ' provision ap --wifi-interface' | ' provision ap --interface' | ' provision ap --username' | ' provision ap --timeout' | ' provision ap --hotspot-timeout' | ' provision ap --name' | ' provision ap --log-file' | ' provision batch --ssid' | ' provision batch --wifi-interface' | ' provision batch --interface' | ' provision batch --username' | ' provision batch --timeout' | ' provision batch --hotspot-timeout' | ' provision batch --log-file' | ' provision qr --ssid' | ' provision qr --id' | ' provision qr --template' | ' provision qr -o' | ' provision qr --output' | ' provision qr --interface' | ' provision qr --timeout' | ' provision qr --name' | ' provision qr --log-file' | ' provision scan --id' | ' provision scan --address' | ' provision scan --wifi-interface' | ' provision scan --username' | ' provision scan --timeout' | ' provision scan --log-file' | ' provision smartlink --ssid' | ' provision smartlink --id' | ' provision smartlink --interface' | ' provision smartlink --timeout' | ' provision smartlink --name' | ' provision smartlink --log-file' | ' ptz -d' | ' ptz --device' | ' ptz --steps' | ' ptz --for' | ' ptz --via' | ' ptz --id' | ' ptz --username' | ' ptz --log-file' | ' record -d' | ' record --device' | ' record --duration' | ' record -o' | ' record --output' | ' record --format' | ' record --quality' | ' record --segment' | ' record --sync' | ' record --max-file-size' | ' record --keep-days' | ' record --keep-size' | ' record --min-free' | ' record --on-segment' | ' record --shard' | ' record --metrics' | ' record --max-gap' | ' record --via' | ' record --id' | ' record --username' | ' record --log-file' | ' recordings download -d' | ' recordings download --device' | ' recordings download --date' | ' recordings download --since' | ' recordings download --until' | ' recordings download --type' | ' recordings download --from' | ' recordings download --to' | ' recordings download -o' | ' recordings download --output' | ' recordings download --format' | ' recordings download --timezone' | ' recordings download --min-free' | ' recordings download --id' | ' recordings download --username' | ' recordings download --log-file' | ' recordings list -d' | ' recordings list --device' | ' recordings list --date' | ' recordings list --since' | ' recordings list --until' | ' recordings list --type' | ' recordings list --timezone' | ' recordings list --id' | ' recordings list --username' | ' recordings list --log-file' | ' recordings play -d' | ' recordings play --device' | ' recordings play --seek' | ' recordings play -o' | ' recordings play --output' | ' recordings play --player' | ' recordings play --timezone' | ' recordings play --id' | ' recordings play --username' | ' recordings play --log-file' | ' recordings sync -d' | ' recordings sync --device' | ' recordings sync -o' | ' recordings sync --output' | ' recordings sync --template' | ' recordings sync --date' | ' recordings sync --since' | ' recordings sync --until' | ' recordings sync --type' | ' recordings sync --format' | ' recordings sync --keep-days' | ' recordings sync --keep-size' | ' recordings sync --min-free' | ' recordings sync --timezone' | ' recordings sync --id' | ' recordings sync --username' | ' recordings sync --log-file' | ' recordings timeline -d' | ' recordings timeline --device' | ' recordings timeline --date' | ' recordings timeline --since' | ' recordings timeline --until' | ' recordings timeline --timezone' | ' recordings timeline --id' | ' recordings timeline --username' | ' recordings timeline --log-file' | ' recover --log-file' | ' report -d' | ' report --device' | ' report -o' | ' report --output' | ' report --id' | ' report --username' | ' report --log-file' | ' serve -d' | ' serve --device' | ' serve --rtsp' | ' serve --http' | ' serve --user' | ' serve --metrics' | ' serve --via' | ' serve --id' | ' serve --username' | ' serve --log-file' | ' settings apply -d' | ' settings apply --device' | ' settings apply --id' | ' settings apply --username' | ' settings apply --log-file' | ' settings dump -d' | ' settings dump --device' | ' settings dump -o' | ' settings dump --output' | ' settings dump --id' | ' settings dump --username' | ' settings dump --log-file' | ' settings firmware -d' | ' settings firmware --device' | ' settings firmware --id' | ' settings firmware --username' | ' settings firmware --log-file' | ' settings format -d' | ' settings format --device' | ' settings format --yes' | ' settings format --id' | ' settings format --username' | ' settings format --log-file' | ' settings get -d' | ' settings get --device' | ' settings get --id' | ' settings get --username' | ' settings get --log-file' | ' settings set -d' | ' settings set --device' | ' settings set --id' | ' settings set --username' | ' settings set --log-file' | ' simulate --id' | ' simulate --count' | ' simulate --host' | ' simulate --port' | ' simulate --answer-to' | ' simulate --variant' | ' simulate --username' | ' simulate --codec' | ' simulate --audio' | ' simulate --size' | ' simulate --fps' | ' simulate --bitrate' | ' simulate --file' | ' simulate --scene' | ' simulate --pace' | ' simulate --fragment' | ' simulate --reply-size' | ' simulate --fault' | ' simulate --wifi' | ' simulate --home' | ' simulate --join-delay' | ' simulate --smartlink' | ' simulate --settings' | ' simulate --without' | ' simulate --viewers' | ' simulate --card' | ' simulate --rtsp-port' | ' simulate --onvif-port' | ' simulate --push-alarms' | ' simulate --save-talk' | ' simulate --replay' | ' simulate --duration' | ' simulate --log-file' | ' snapshot -d' | ' snapshot --device' | ' snapshot -o' | ' snapshot --output' | ' snapshot --format' | ' snapshot --quality' | ' snapshot --every' | ' snapshot --count' | ' snapshot --duration' | ' snapshot --via' | ' snapshot --id' | ' snapshot --username' | ' snapshot --log-file' | ' stream -d' | ' stream --device' | ' stream -o' | ' stream --output' | ' stream --format' | ' stream --to' | ' stream --serve' | ' stream --duration' | ' stream --quality' | ' stream --via' | ' stream --id' | ' stream --username' | ' stream --log-file' | ' talk -d' | ' talk --device' | ' talk --say' | ' talk --voice' | ' talk --volume' | ' talk --rate' | ' talk --channels' | ' talk --limit' | ' talk --id' | ' talk --username' | ' talk --log-file' | ' track -d' | ' track --device' | ' track --id' | ' track --username' | ' track --log-file' | ' view -d' | ' view --device' | ' view --quality' | ' view --fps' | ' view --via' | ' view --id' | ' view --username' | ' view --log-file' | ' wall -d' | ' wall --device' | ' wall --quality' | ' wall --fps' | ' wall --via' | ' wall --id' | ' wall --username' | ' wall --log-file' | ' watch -d' | ' watch --device' | ' watch --source' | ' watch --listen' | ' watch --sensitivity' | ' watch --zone' | ' watch --mask' | ' watch --min-area' | ' watch --person' | ' watch --record' | ' watch --pre' | ' watch --post' | ' watch --format' | ' watch --keep-days' | ' watch --keep-size' | ' watch --min-free' | ' watch --timezone' | ' watch --on-event' | ' watch --webhook' | ' watch --mqtt' | ' watch --mqtt-prefix' | ' watch --duration' | ' watch --via' | ' watch --id' | ' watch --username' | ' watch --log-file' | ' zoom -d' | ' zoom --device' | ' zoom --steps' | ' zoom --via' | ' zoom --id' | ' zoom --username' | ' zoom --log-file') skip=1 ;;
        *' '-*) ;;
        *) (( place++ )) || first=$word; given+=("$word") ;;
        esac
    done
    COMPREPLY=()
    case "$command $previous" in
        ' --log-file') _v380_file; return ;;
        ' capture explain --port') _v380_text; return ;;
        ' capture explain --log-file') _v380_file; return ;;
        ' capture fixture -o' | ' capture fixture --output') _v380_file; return ;;
        ' capture fixture --model') _v380_text; return ;;
        ' capture fixture --source') _v380_text; return ;;
        ' capture fixture --port') _v380_text; return ;;
        ' capture fixture --log-file') _v380_file; return ;;
        ' capture record -d' | ' capture record --device') _v380_target; return ;;
        ' capture record -o' | ' capture record --output') _v380_file; return ;;
        ' capture record --duration') _v380_text; return ;;
        ' capture record --max-size') _v380_text; return ;;
        ' capture record --id') _v380_text; return ;;
        ' capture record --username') _v380_text; return ;;
        ' capture record --log-file') _v380_file; return ;;
        ' completion --log-file') _v380_file; return ;;
        ' config --log-file') _v380_file; return ;;
        ' demo --duration') _v380_text; return ;;
        ' demo -o' | ' demo --output') _v380_file; return ;;
        ' demo --log-file') _v380_file; return ;;
        ' devices add --id') _v380_text; return ;;
        ' devices add --address') _v380_text; return ;;
        ' devices add --mac') _v380_text; return ;;
        ' devices add --username') _v380_text; return ;;
        ' devices add --group') _v380_text; return ;;
        ' devices add --qr') _v380_file; return ;;
        ' devices add --quality') _v380_words 'hd sd'; return ;;
        ' devices add --via') _v380_words 'auto lan rtsp'; return ;;
        ' devices add --rtsp') _v380_text; return ;;
        ' devices add --notes') _v380_text; return ;;
        ' devices add --log-file') _v380_file; return ;;
        ' devices edit --name') _v380_text; return ;;
        ' devices edit --id') _v380_text; return ;;
        ' devices edit --address') _v380_text; return ;;
        ' devices edit --mac') _v380_text; return ;;
        ' devices edit --username') _v380_text; return ;;
        ' devices edit --group') _v380_text; return ;;
        ' devices edit --no-group') _v380_text; return ;;
        ' devices edit --quality') _v380_words 'hd sd'; return ;;
        ' devices edit --via') _v380_words 'auto lan rtsp'; return ;;
        ' devices edit --rtsp') _v380_text; return ;;
        ' devices edit --notes') _v380_text; return ;;
        ' devices edit --log-file') _v380_file; return ;;
        ' devices export --format') _v380_words 'json csv toml'; return ;;
        ' devices export --log-file') _v380_file; return ;;
        ' devices import --format') _v380_words 'json csv toml'; return ;;
        ' devices import --log-file') _v380_file; return ;;
        ' devices label -o' | ' devices label --output') _v380_file; return ;;
        ' devices label --log-file') _v380_file; return ;;
        ' devices list --log-file') _v380_file; return ;;
        ' devices remove --log-file') _v380_file; return ;;
        ' devices show --log-file') _v380_file; return ;;
        ' discover --timeout') _v380_text; return ;;
        ' discover --interface') _v380_text; return ;;
        ' discover --address') _v380_text; return ;;
        ' discover --id') _v380_text; return ;;
        ' discover --count') _v380_text; return ;;
        ' discover --log-file') _v380_file; return ;;
        ' doctor -d' | ' doctor --device') _v380_target; return ;;
        ' doctor -o' | ' doctor --output') _v380_file; return ;;
        ' doctor --via') _v380_words 'auto lan rtsp'; return ;;
        ' doctor --id') _v380_text; return ;;
        ' doctor --username') _v380_text; return ;;
        ' doctor --log-file') _v380_file; return ;;
        ' events -d' | ' events --device') _v380_target; return ;;
        ' events --since') _v380_text; return ;;
        ' events --player') _v380_text; return ;;
        ' events --log-file') _v380_file; return ;;
        ' export -d' | ' export --device') _v380_target; return ;;
        ' export --host') _v380_text; return ;;
        ' export --log-file') _v380_file; return ;;
        ' help -o' | ' help --output') _v380_file; return ;;
        ' help --log-file') _v380_file; return ;;
        ' image -d' | ' image --device') _v380_target; return ;;
        ' image --via') _v380_words 'auto lan rtsp'; return ;;
        ' image --id') _v380_text; return ;;
        ' image --username') _v380_text; return ;;
        ' image --log-file') _v380_file; return ;;
        ' info -d' | ' info --device') _v380_target; return ;;
        ' info --timezone') _v380_text; return ;;
        ' info --via') _v380_words 'auto lan rtsp'; return ;;
        ' info --id') _v380_text; return ;;
        ' info --username') _v380_text; return ;;
        ' info --log-file') _v380_file; return ;;
        ' light -d' | ' light --device') _v380_target; return ;;
        ' light --brightness') _v380_text; return ;;
        ' light --sensitivity') _v380_words 'low normal high'; return ;;
        ' light --id') _v380_text; return ;;
        ' light --username') _v380_text; return ;;
        ' light --log-file') _v380_file; return ;;
        ' preset -d' | ' preset --device') _v380_target; return ;;
        ' preset --name') _v380_text; return ;;
        ' preset --via') _v380_words 'auto lan rtsp'; return ;;
        ' preset --id') _v380_text; return ;;
        ' preset --username') _v380_text; return ;;
        ' preset --log-file') _v380_file; return ;;
        ' provision ap --ssid') _v380_text; return ;;
        ' provision ap --id') _v380_text; return ;;
        ' provision ap --address') _v380_text; return ;;
        ' provision ap --hotspot') _v380_text; return ;;
        ' provision ap --wifi-interface') _v380_text; return ;;
        ' provision ap --interface') _v380_text; return ;;
        ' provision ap --username') _v380_text; return ;;
        ' provision ap --timeout') _v380_text; return ;;
        ' provision ap --hotspot-timeout') _v380_text; return ;;
        ' provision ap --name') _v380_text; return ;;
        ' provision ap --log-file') _v380_file; return ;;
        ' provision batch --ssid') _v380_text; return ;;
        ' provision batch --wifi-interface') _v380_text; return ;;
        ' provision batch --interface') _v380_text; return ;;
        ' provision batch --username') _v380_text; return ;;
        ' provision batch --timeout') _v380_text; return ;;
        ' provision batch --hotspot-timeout') _v380_text; return ;;
        ' provision batch --log-file') _v380_file; return ;;
        ' provision qr --ssid') _v380_text; return ;;
        ' provision qr --id') _v380_text; return ;;
        ' provision qr --template') _v380_text; return ;;
        ' provision qr -o' | ' provision qr --output') _v380_file; return ;;
        ' provision qr --interface') _v380_text; return ;;
        ' provision qr --timeout') _v380_text; return ;;
        ' provision qr --name') _v380_text; return ;;
        ' provision qr --log-file') _v380_file; return ;;
        ' provision scan --id') _v380_text; return ;;
        ' provision scan --address') _v380_text; return ;;
        ' provision scan --wifi-interface') _v380_text; return ;;
        ' provision scan --username') _v380_text; return ;;
        ' provision scan --timeout') _v380_text; return ;;
        ' provision scan --log-file') _v380_file; return ;;
        ' provision smartlink --ssid') _v380_text; return ;;
        ' provision smartlink --id') _v380_text; return ;;
        ' provision smartlink --interface') _v380_text; return ;;
        ' provision smartlink --timeout') _v380_text; return ;;
        ' provision smartlink --name') _v380_text; return ;;
        ' provision smartlink --log-file') _v380_file; return ;;
        ' ptz -d' | ' ptz --device') _v380_target; return ;;
        ' ptz --steps') _v380_text; return ;;
        ' ptz --for') _v380_text; return ;;
        ' ptz --via') _v380_words 'auto lan rtsp'; return ;;
        ' ptz --id') _v380_text; return ;;
        ' ptz --username') _v380_text; return ;;
        ' ptz --log-file') _v380_file; return ;;
        ' record -d' | ' record --device') _v380_target; return ;;
        ' record --duration') _v380_text; return ;;
        ' record -o' | ' record --output') _v380_file; return ;;
        ' record --format') _v380_words 'mp4 mkv ts'; return ;;
        ' record --quality') _v380_words 'hd sd'; return ;;
        ' record --segment') _v380_text; return ;;
        ' record --sync') _v380_text; return ;;
        ' record --max-file-size') _v380_text; return ;;
        ' record --keep-days') _v380_text; return ;;
        ' record --keep-size') _v380_text; return ;;
        ' record --min-free') _v380_text; return ;;
        ' record --on-segment') _v380_text; return ;;
        ' record --shard') _v380_text; return ;;
        ' record --metrics') _v380_text; return ;;
        ' record --max-gap') _v380_text; return ;;
        ' record --via') _v380_words 'auto lan rtsp'; return ;;
        ' record --id') _v380_text; return ;;
        ' record --username') _v380_text; return ;;
        ' record --log-file') _v380_file; return ;;
        ' recordings download -d' | ' recordings download --device') _v380_target; return ;;
        ' recordings download --date') _v380_text; return ;;
        ' recordings download --since') _v380_text; return ;;
        ' recordings download --until') _v380_text; return ;;
        ' recordings download --type') _v380_words 'normal motion alarm'; return ;;
        ' recordings download --from') _v380_text; return ;;
        ' recordings download --to') _v380_text; return ;;
        ' recordings download -o' | ' recordings download --output') _v380_file; return ;;
        ' recordings download --format') _v380_words 'mp4 mkv ts'; return ;;
        ' recordings download --timezone') _v380_text; return ;;
        ' recordings download --min-free') _v380_text; return ;;
        ' recordings download --id') _v380_text; return ;;
        ' recordings download --username') _v380_text; return ;;
        ' recordings download --log-file') _v380_file; return ;;
        ' recordings list -d' | ' recordings list --device') _v380_target; return ;;
        ' recordings list --date') _v380_text; return ;;
        ' recordings list --since') _v380_text; return ;;
        ' recordings list --until') _v380_text; return ;;
        ' recordings list --type') _v380_words 'normal motion alarm'; return ;;
        ' recordings list --timezone') _v380_text; return ;;
        ' recordings list --id') _v380_text; return ;;
        ' recordings list --username') _v380_text; return ;;
        ' recordings list --log-file') _v380_file; return ;;
        ' recordings play -d' | ' recordings play --device') _v380_target; return ;;
        ' recordings play --seek') _v380_text; return ;;
        ' recordings play -o' | ' recordings play --output') _v380_text; return ;;
        ' recordings play --player') _v380_text; return ;;
        ' recordings play --timezone') _v380_text; return ;;
        ' recordings play --id') _v380_text; return ;;
        ' recordings play --username') _v380_text; return ;;
        ' recordings play --log-file') _v380_file; return ;;
        ' recordings sync -d' | ' recordings sync --device') _v380_target; return ;;
        ' recordings sync -o' | ' recordings sync --output') _v380_text; return ;;
        ' recordings sync --template') _v380_text; return ;;
        ' recordings sync --date') _v380_text; return ;;
        ' recordings sync --since') _v380_text; return ;;
        ' recordings sync --until') _v380_text; return ;;
        ' recordings sync --type') _v380_words 'normal motion alarm'; return ;;
        ' recordings sync --format') _v380_words 'mp4 mkv ts'; return ;;
        ' recordings sync --keep-days') _v380_text; return ;;
        ' recordings sync --keep-size') _v380_text; return ;;
        ' recordings sync --min-free') _v380_text; return ;;
        ' recordings sync --timezone') _v380_text; return ;;
        ' recordings sync --id') _v380_text; return ;;
        ' recordings sync --username') _v380_text; return ;;
        ' recordings sync --log-file') _v380_file; return ;;
        ' recordings timeline -d' | ' recordings timeline --device') _v380_target; return ;;
        ' recordings timeline --date') _v380_text; return ;;
        ' recordings timeline --since') _v380_text; return ;;
        ' recordings timeline --until') _v380_text; return ;;
        ' recordings timeline --timezone') _v380_text; return ;;
        ' recordings timeline --id') _v380_text; return ;;
        ' recordings timeline --username') _v380_text; return ;;
        ' recordings timeline --log-file') _v380_file; return ;;
        ' recover --log-file') _v380_file; return ;;
        ' report -d' | ' report --device') _v380_target; return ;;
        ' report -o' | ' report --output') _v380_file; return ;;
        ' report --id') _v380_text; return ;;
        ' report --username') _v380_text; return ;;
        ' report --log-file') _v380_file; return ;;
        ' serve -d' | ' serve --device') _v380_target; return ;;
        ' serve --rtsp') _v380_text; return ;;
        ' serve --http') _v380_text; return ;;
        ' serve --user') _v380_text; return ;;
        ' serve --metrics') _v380_text; return ;;
        ' serve --via') _v380_words 'auto lan rtsp'; return ;;
        ' serve --id') _v380_text; return ;;
        ' serve --username') _v380_text; return ;;
        ' serve --log-file') _v380_file; return ;;
        ' settings apply -d' | ' settings apply --device') _v380_target; return ;;
        ' settings apply --id') _v380_text; return ;;
        ' settings apply --username') _v380_text; return ;;
        ' settings apply --log-file') _v380_file; return ;;
        ' settings dump -d' | ' settings dump --device') _v380_target; return ;;
        ' settings dump -o' | ' settings dump --output') _v380_file; return ;;
        ' settings dump --id') _v380_text; return ;;
        ' settings dump --username') _v380_text; return ;;
        ' settings dump --log-file') _v380_file; return ;;
        ' settings firmware -d' | ' settings firmware --device') _v380_target; return ;;
        ' settings firmware --id') _v380_text; return ;;
        ' settings firmware --username') _v380_text; return ;;
        ' settings firmware --log-file') _v380_file; return ;;
        ' settings format -d' | ' settings format --device') _v380_target; return ;;
        ' settings format --yes') _v380_text; return ;;
        ' settings format --id') _v380_text; return ;;
        ' settings format --username') _v380_text; return ;;
        ' settings format --log-file') _v380_file; return ;;
        ' settings get -d' | ' settings get --device') _v380_target; return ;;
        ' settings get --id') _v380_text; return ;;
        ' settings get --username') _v380_text; return ;;
        ' settings get --log-file') _v380_file; return ;;
        ' settings set -d' | ' settings set --device') _v380_target; return ;;
        ' settings set --id') _v380_text; return ;;
        ' settings set --username') _v380_text; return ;;
        ' settings set --log-file') _v380_file; return ;;
        ' simulate --id') _v380_text; return ;;
        ' simulate --count') _v380_text; return ;;
        ' simulate --host') _v380_text; return ;;
        ' simulate --port') _v380_text; return ;;
        ' simulate --answer-to') _v380_words 'reply-port sender broadcast'; return ;;
        ' simulate --variant') _v380_words 'today today-id-user older oldest legacy'; return ;;
        ' simulate --username') _v380_text; return ;;
        ' simulate --codec') _v380_words 'h264 h265 mjpeg'; return ;;
        ' simulate --audio') _v380_words 'ima alaw aac pcm none'; return ;;
        ' simulate --size') _v380_text; return ;;
        ' simulate --fps') _v380_text; return ;;
        ' simulate --bitrate') _v380_text; return ;;
        ' simulate --file') _v380_file; return ;;
        ' simulate --scene') _v380_words 'person far near quick night cat rain cloud infrared tree noise exposure'; return ;;
        ' simulate --pace') _v380_words 'camera fast'; return ;;
        ' simulate --fragment') _v380_text; return ;;
        ' simulate --reply-size') _v380_words '32 412'; return ;;
        ' simulate --fault') _v380_text; return ;;
        ' simulate --wifi') _v380_text; return ;;
        ' simulate --home') _v380_text; return ;;
        ' simulate --join-delay') _v380_text; return ;;
        ' simulate --smartlink') _v380_text; return ;;
        ' simulate --settings') _v380_words 'ex legacy oldest'; return ;;
        ' simulate --without') _v380_text; return ;;
        ' simulate --viewers') _v380_text; return ;;
        ' simulate --card') _v380_text; return ;;
        ' simulate --rtsp-port') _v380_text; return ;;
        ' simulate --onvif-port') _v380_text; return ;;
        ' simulate --push-alarms') _v380_text; return ;;
        ' simulate --save-talk') _v380_file; return ;;
        ' simulate --replay') _v380_file; return ;;
        ' simulate --duration') _v380_text; return ;;
        ' simulate --log-file') _v380_file; return ;;
        ' snapshot -d' | ' snapshot --device') _v380_target; return ;;
        ' snapshot -o' | ' snapshot --output') _v380_file; return ;;
        ' snapshot --format') _v380_words 'jpg png webp'; return ;;
        ' snapshot --quality') _v380_words 'hd sd'; return ;;
        ' snapshot --every') _v380_text; return ;;
        ' snapshot --count') _v380_text; return ;;
        ' snapshot --duration') _v380_text; return ;;
        ' snapshot --via') _v380_words 'auto lan rtsp'; return ;;
        ' snapshot --id') _v380_text; return ;;
        ' snapshot --username') _v380_text; return ;;
        ' snapshot --log-file') _v380_file; return ;;
        ' stream -d' | ' stream --device') _v380_target; return ;;
        ' stream -o' | ' stream --output') _v380_file; return ;;
        ' stream --format') _v380_words 'ts mkv annexb'; return ;;
        ' stream --to') _v380_text; return ;;
        ' stream --serve') _v380_text; return ;;
        ' stream --duration') _v380_text; return ;;
        ' stream --quality') _v380_words 'hd sd'; return ;;
        ' stream --via') _v380_words 'auto lan rtsp'; return ;;
        ' stream --id') _v380_text; return ;;
        ' stream --username') _v380_text; return ;;
        ' stream --log-file') _v380_file; return ;;
        ' talk -d' | ' talk --device') _v380_target; return ;;
        ' talk --say') _v380_text; return ;;
        ' talk --voice') _v380_text; return ;;
        ' talk --volume') _v380_text; return ;;
        ' talk --rate') _v380_text; return ;;
        ' talk --channels') _v380_text; return ;;
        ' talk --limit') _v380_text; return ;;
        ' talk --id') _v380_text; return ;;
        ' talk --username') _v380_text; return ;;
        ' talk --log-file') _v380_file; return ;;
        ' track -d' | ' track --device') _v380_target; return ;;
        ' track --id') _v380_text; return ;;
        ' track --username') _v380_text; return ;;
        ' track --log-file') _v380_file; return ;;
        ' view -d' | ' view --device') _v380_target; return ;;
        ' view --quality') _v380_words 'hd sd'; return ;;
        ' view --fps') _v380_text; return ;;
        ' view --via') _v380_words 'auto lan rtsp'; return ;;
        ' view --id') _v380_text; return ;;
        ' view --username') _v380_text; return ;;
        ' view --log-file') _v380_file; return ;;
        ' wall -d' | ' wall --device') _v380_target; return ;;
        ' wall --quality') _v380_words 'hd sd'; return ;;
        ' wall --fps') _v380_text; return ;;
        ' wall --via') _v380_words 'auto lan rtsp'; return ;;
        ' wall --id') _v380_text; return ;;
        ' wall --username') _v380_text; return ;;
        ' wall --log-file') _v380_file; return ;;
        ' watch -d' | ' watch --device') _v380_target; return ;;
        ' watch --source') _v380_words 'picture card push onvif'; return ;;
        ' watch --listen') _v380_text; return ;;
        ' watch --sensitivity') _v380_text; return ;;
        ' watch --zone') _v380_text; return ;;
        ' watch --mask') _v380_text; return ;;
        ' watch --min-area') _v380_text; return ;;
        ' watch --person') _v380_file; return ;;
        ' watch --record') _v380_text; return ;;
        ' watch --pre') _v380_text; return ;;
        ' watch --post') _v380_text; return ;;
        ' watch --format') _v380_words 'mp4 mkv ts'; return ;;
        ' watch --keep-days') _v380_text; return ;;
        ' watch --keep-size') _v380_text; return ;;
        ' watch --min-free') _v380_text; return ;;
        ' watch --timezone') _v380_text; return ;;
        ' watch --on-event') _v380_text; return ;;
        ' watch --webhook') _v380_text; return ;;
        ' watch --mqtt') _v380_text; return ;;
        ' watch --mqtt-prefix') _v380_text; return ;;
        ' watch --duration') _v380_text; return ;;
        ' watch --via') _v380_words 'auto lan rtsp'; return ;;
        ' watch --id') _v380_text; return ;;
        ' watch --username') _v380_text; return ;;
        ' watch --log-file') _v380_file; return ;;
        ' zoom -d' | ' zoom --device') _v380_target; return ;;
        ' zoom --steps') _v380_text; return ;;
        ' zoom --via') _v380_words 'auto lan rtsp'; return ;;
        ' zoom --id') _v380_text; return ;;
        ' zoom --username') _v380_text; return ;;
        ' zoom --log-file') _v380_file; return ;;
    esac
    case $command in
        '')
            words='capture completion config demo devices discover doctor events export help image info light preset provision ptz record recordings recover report serve settings simulate snapshot stream talk track view wall watch zoom -v --verbose -q --quiet --log-file --version -h --help'
            ;;
        ' capture')
            words='explain fixture record -h --help'
            ;;
        ' capture explain')
            words='--fields --port --raw -y --yes --json --jsonl -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' capture fixture')
            words='-o --output --model --source --port -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' capture record')
            words='-d --device -o --output --duration --max-size --tap --raw -y --yes --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' completion')
            words='-v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_words 'bash zsh fish'; return ;; *) return ;;
            esac
            ;;
        ' config')
            words='--json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' demo')
            words='--duration -o --output --json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' devices')
            words='add edit export import label list remove show -h --help'
            ;;
        ' devices add')
            words='--id --address --mac --username --password-stdin --group --qr --quality --via --rtsp --notes --no-check -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_text; return ;; *) return ;;
            esac
            ;;
        ' devices edit')
            words='--name --id --address --mac --username --password-stdin --new-password --group --no-group --quality --via --rtsp --notes -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' devices export')
            words='--format --with-passwords -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' devices import')
            words='--format --update -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' devices label')
            words='-o --output -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' devices list')
            words='--check --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' devices remove')
            words='-y --yes -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' devices show')
            words='--reveal --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' discover')
            words='--timeout --interface --address --id --count --watch --listen --hotspot --all --save --json --jsonl -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' doctor')
            words='-d --device --all -o --output --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' events')
            words='-d --device --since --player --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' export')
            words='-d --device --all --host -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_words 'go2rtc frigate mediamtx homeassistant systemd compose k8s'; return ;; *) _v380_target; return ;;
            esac
            ;;
        ' help')
            words='--man --schema -o --output -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in *) _v380_text; return ;;
            esac
            ;;
        ' image')
            words='-d --device --all --force --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'color bw auto flip up down left right'; return ;; *) return ;;
            esac
            ;;
        ' info')
            words='-d --device --all --no-streams --redact --timezone --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' light')
            words='-d --device --all --brightness --sensitivity --force --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'on off auto'; return ;; *) return ;;
            esac
            ;;
        ' preset')
            words='-d --device --all --name --force --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'go set delete list'; return ;; 2) _v380_position; return ;; *) return ;;
            esac
            ;;
        ' provision')
            words='ap batch qr scan smartlink -h --help'
            ;;
        ' provision ap')
            words='--ssid --psk-stdin --from-system --id --address --join --hotspot --wifi-interface --interface --username --password-stdin --set-password --new-password-stdin --timeout --hotspot-timeout --save --name --dry-run --force --json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' provision batch')
            words='--ssid --psk-stdin --from-system --join --wifi-interface --interface --username --password-stdin --timeout --hotspot-timeout --plan --dry-run --force --json -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in 0) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' provision qr')
            words='--ssid --psk-stdin --from-system --id --template -o --output --no-wait --interface --timeout --save --name --force --json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' provision scan')
            words='--via-camera --id --address --join --wifi-interface --username --password-stdin --timeout --json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' provision smartlink')
            words='--ssid --psk-stdin --from-system --id --interface --timeout --save --name --force --json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' ptz')
            words='-d --device --all --steps --for --calibrate --force --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'left right up down up-left up-right down-left down-right stop'; return ;; *) return ;;
            esac
            ;;
        ' record')
            words='-d --device --all --duration -o --output --format --quality --no-audio --segment --sync --max-file-size --keep-days --keep-size --min-free --on-segment --shard --metrics --reconnect --no-reconnect --max-gap --jsonl --wait --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' recordings')
            words='download list play sync timeline -h --help'
            ;;
        ' recordings download')
            words='-d --device --all --date --since --until --type --from --to -o --output --format --no-audio --timezone --min-free --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_text; return ;; *) return ;;
            esac
            ;;
        ' recordings list')
            words='-d --device --all --date --since --until --type --timezone --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' recordings play')
            words='-d --device --seek -o --output --player --view --terminal --no-audio --timezone --id --username --password-stdin -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_text; return ;; *) return ;;
            esac
            ;;
        ' recordings sync')
            words='-d --device --all -o --output --template --date --since --until --type --format --no-audio --verify --prune --keep-days --keep-size --min-free --timezone --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' recordings timeline')
            words='-d --device --date --since --until --timezone --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' recover')
            words='--json -v --verbose -q --quiet --log-file -h --help'
            [[ $current == -* ]] || case $place in *) _v380_file; return ;;
            esac
            ;;
        ' report')
            words='-d --device -o --output -y --yes --id --username --password-stdin -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' serve')
            words='-d --device --all --rtsp --http --user --password-stdin-serve --always --on-demand --metrics --no-audio --no-controls --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' settings')
            words='apply dump firmware format get set -h --help'
            ;;
        ' settings apply')
            words='-d --device --all --dry-run --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' settings dump')
            words='-d --device -o --output --id --username --password-stdin -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' settings firmware')
            words='-d --device --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' settings format')
            words='-d --device --yes --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' settings get')
            words='-d --device --all --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'record clock alarm light versions user address'; return ;; 2) _v380_words 'record clock alarm light versions user address'; return ;; 3) _v380_words 'record clock alarm light versions user address'; return ;; 4) _v380_words 'record clock alarm light versions user address'; return ;; 5) _v380_words 'record clock alarm light versions user address'; return ;; 6) _v380_words 'record clock alarm light versions user address'; return ;; 7) _v380_words 'record clock alarm light versions user address'; return ;; *) return ;;
            esac
            ;;
        ' settings set')
            words='-d --device --all --dry-run --new-password-stdin --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'record clock alarm arming light user address password'; return ;; *) _v380_assignment record 'always=on always=off on_alarm=on on_alarm=off full=overwrite full=stop size=1080p size=720p size=d1 size=vga size=cif size=qvga size=qcif size=960p sound=on sound=off' clock 'now format= zone= zone_on= zone_offset=' alarm 'alarm=on alarm=off motion=on motion=off pir=on pir=off smoke=on smoke=off voice=on voice=off voice_on_alarm=on voice_on_alarm=off language=chinese language=english io_mode= window_count= windows= grid=' arming 'on off' light 'brightness= seconds= pir_sensitivity= photo_sensitivity= motion_sensitivity=' user 'name=' address 'dhcp static ip= mask= gateway= dns= dns2='; return ;;
            esac
            ;;
        ' simulate')
            words='--id --count --host --port --addresses --expose --answer-to --variant --username --password-stdin --clear --encrypted --codec --audio --size --fps --bitrate --file --scene --list-scenes --pace --fragment --reply-size --fault --list-faults --hotspot --wifi --home --join-delay --smartlink --settings --without --swapped-ptz --viewers --card --rtsp --rtsp-port --onvif --onvif-port --push-alarms --save-talk --replay --duration --json -v --verbose -q --quiet --log-file -h --help'
            ;;
        ' snapshot')
            words='-d --device --all -o --output --format --quality --every --count --duration --grid --wait --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' stream')
            words='-d --device -o --output --format --to --insecure --serve --token-stdin --no-controls --duration --quality --no-audio --reconnect --no-reconnect --wait --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; *) return ;;
            esac
            ;;
        ' talk')
            words='-d --device --say --voice --microphone --volume --rate --channels --limit --force --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_camera; return ;; 1) _v380_file; return ;; *) return ;;
            esac
            ;;
        ' track')
            words='-d --device --all --force --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'on off home'; return ;; *) return ;;
            esac
            ;;
        ' view')
            words='-d --device --terminal --quality --fps --no-audio --via --id --username --password-stdin -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' wall')
            words='-d --device --all --terminal --quality --fps --via --id --username --password-stdin -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' watch')
            words='-d --device --all --source --listen --sensitivity --zone --mask --min-area --economy --person --record --pre --post --format --keep-days --keep-size --min-free --timezone --on-event --webhook --mqtt --mqtt-prefix --tune --terminal --notify --duration --jsonl --via --id --username --password-stdin -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in *) _v380_target; return ;;
            esac
            ;;
        ' zoom')
            words='-d --device --all --steps --force --via --id --username --password-stdin --json -v --verbose -q --quiet --log-file -h --help'
            (( place += named ))
            [[ $current == -* ]] || case $place in 0) _v380_target; return ;; 1) _v380_words 'in out'; return ;; *) return ;;
            esac
            ;;
    esac
    _v380_words "$words"
}

complete -F _v380 v380
