#!/usr/bin/env bash
# Each foreign library is known to one or two files.
set -euo pipefail
cd "$1"

bad=0
only() {
    local header=$1 allowed=$2 file
    while read -r file; do
        case " $allowed " in
        *" $file "*) ;;
        *)
            echo "$file includes <$header>; only these may: $allowed"
            bad=1
            ;;
        esac
    done < <(grep -lE "#include <$header" src/*.c include/*.h daemon/*.[ch] || true)
}
only 'microhttpd\.h' 'src/http_server.c src/http_head.c src/http_answer.c'
only 'curl/' 'include/curl_common.h'
only 'yajl/' 'src/json.c'
only 'openssl/' 'src/digest.c src/tls.c'

# What these headers show of a library is for the files behind it alone.
behind() {
    local header=$1 allowed=$2 file
    while read -r file; do
        case " $allowed " in
        *" $file "*) ;;
        *)
            echo "$file includes $header; only these may: $allowed"
            bad=1
            ;;
        esac
    done < <(grep -l "#include \"$header\"" src/*.c include/*.h daemon/*.[ch] || true)
}
behind curl_common.h 'src/curl_common.c src/fetch.c include/slot.h src/upstream.c src/transfer_callbacks.c'
behind slot.h 'src/slot.c include/transfer.h src/upstream.c'
exit $bad
