# fish completion for ecr-upsertd(8)

# Is the command line's command one of these? Without one it is serve.
function __ecr_upsertd_command
    set -l words (commandline -opc)
    set -l command $words[2]
    if not string match -q -r '^[a-z]' -- $command
        set command serve
    end
    contains -- $command $argv
end

function __ecr_upsertd_no_command
    test (count (commandline -opc)) -eq 1
end

complete -c ecr-upsertd -f

complete -c ecr-upsertd -n __ecr_upsertd_no_command -a serve -d 'The daemon'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a wait -d 'Return when the daemon is ready'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a check-config -d 'Name every error of the configuration'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a plan -d 'Show what a push of a name would get'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a doctor -d 'Check what a push needs'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a client-config -d 'Let a client push through the daemon'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a status -d 'Show what the daemon does'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a repos -d 'List what was created'
complete -c ecr-upsertd -n __ecr_upsertd_no_command -a lambda -d 'Be a custom runtime of AWS Lambda'

complete -c ecr-upsertd -l config -r -F -d 'The configuration'
complete -c ecr-upsertd -l help -d 'Print the usage'
complete -c ecr-upsertd -l version -d 'Print the version'

complete -c ecr-upsertd -n '__ecr_upsertd_command serve client-config' -l listen -x -a '127.0.0.1:5100 [::1]:5100' -d 'Where clients connect'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve wait status' -l admin -x -a '127.0.0.1:5101 off' -d 'The admin listener'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve plan doctor client-config' -l registry -x -d 'A registry to serve'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve' -l registry-endpoint -x -d 'What to dial in place of the registry'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve repos' -l state-dir -x -a '(__fish_complete_directories)' -d 'What was created and is owed'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve' -l unsafe-listen -d 'Allow addresses beyond loopback'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve' -l log-level -x -a 'debug info warn error' -d 'How much to log'
complete -c ecr-upsertd -n '__ecr_upsertd_command serve' -l log-format -x -a 'text json' -d 'How to log'
complete -c ecr-upsertd -n '__ecr_upsertd_command wait' -l timeout -x -d 'Give up after so many seconds'
complete -c ecr-upsertd -n '__ecr_upsertd_command doctor' -l offline -d 'No call to AWS but what the credentials need'
complete -c ecr-upsertd -n '__ecr_upsertd_command plan doctor status repos' -l json -d 'Print JSON'
complete -c ecr-upsertd -n '__ecr_upsertd_command client-config' -l write -d 'Write the files'
complete -c ecr-upsertd -n '__ecr_upsertd_command client-config' -a 'docker podman containerd nerdctl finch buildkit helm'
