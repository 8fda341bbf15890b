# Sourced by an interactive zsh, see shells.py: prints what completion offers, between two lines that end
# with a zero byte, and exits.
PROMPT=
autoload -U compinit
compinit -u -D
bindkey '^I' complete-word
# Without the description of each.
zstyle ':completion:*' verbose no
zstyle ':completion:*' insert-tab false
border() { print -r -- $'\0' }
compprefuncs=(border)
comppostfuncs=(border exit)

compadd() {
    local -a offered
    # Those fill arrays, for another call.
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    builtin compadd -A offered "$@"
    ((!$#offered)) || print -rl -- $IPREFIX$^offered
    builtin compadd "$@"
}
print ready
