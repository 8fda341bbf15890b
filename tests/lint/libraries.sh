#!/usr/bin/env bash
# Each foreign library, and what only one system has, is known to the few files that are made for it.
set -euo pipefail
cd "$1"

bad=0
only() {
    local include=$1 allowed=$2 file
    while read -r file; do
        case " $allowed " in
        *" $file "*) ;;
        *)
            echo "$file includes $include; only these may: $allowed"
            bad=1
            ;;
        esac
    done < <(grep -lF "#include $include" src/*.c include/*.h daemon/*.[ch] || true)
}
only '<microhttpd' 'src/http_server.c src/http_head.c src/http_answer.c'
only '<yajl/' 'src/json.c'
only '<openssl/' 'src/digest.c src/tls.c'
only '<curl/' 'include/curl_common.h'
# What these headers show of libcurl is for the files behind them alone.
only '"curl_common.h"' \
    'src/curl_common.c src/fetch.c src/tls_peer.c include/slot.h src/upstream.c src/transfer_callbacks.c'
only '"slot.h"' 'src/slot.c include/transfer.h src/upstream.c'
# Of one system alone: with a way out in the same file.
only '<linux/' 'src/peer_owner.c'
only '<malloc.h>' 'daemon/serve.c'
for header in eventfd epoll signalfd timerfd inotify prctl random sendfile syscall; do
    only "<sys/$header.h>" 'include/elsewhere.h'
done
exit $bad
