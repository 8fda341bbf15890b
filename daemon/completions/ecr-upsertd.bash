# bash completion for ecr-upsertd(8)

# The options of a command, as daemon/options.c has them.
_ecr_upsertd_options() {
    case $1 in
    serve)
        echo --listen --admin --registry --registry-endpoint --state-dir --unsafe-listen --log-level \
            --log-format
        ;;
    wait) echo --timeout --admin ;;
    plan) echo --json --registry ;;
    doctor) echo --json --offline --registry ;;
    client-config) echo --write --listen --registry ;;
    status) echo --json --admin ;;
    repos) echo --json --state-dir ;;
    esac
    echo --config --help --version
}

_ecr_upsertd() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=serve words=''
    local commands='serve wait check-config plan doctor client-config status repos lambda'

    # bash splits --option=value into three words.
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    [[ " $commands " != *" ${COMP_WORDS[1]} "* ]] || command=${COMP_WORDS[1]}

    COMPREPLY=()
    case $prev in
    --config)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --state-dir)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        return
        ;;
    --admin) words='off 127.0.0.1:5101' ;;
    --listen) words='127.0.0.1:5100 [::1]:5100' ;;
    --log-level) words='debug info warn error' ;;
    --log-format) words='text json' ;;
    --registry | --registry-endpoint | --timeout) return ;;
    *)
        if [[ $cur == -* ]]; then
            words=$(_ecr_upsertd_options "$command")
        elif ((COMP_CWORD == 1)); then
            words=$commands
        elif [[ $command == client-config ]]; then
            words='docker podman containerd nerdctl finch buildkit helm'
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _ecr_upsertd ecr-upsertd
