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
only 'curl/' 'src/upstream.c src/fetch.c'
only 'yajl/' 'src/json.c'
only 'openssl/' 'src/digest.c src/tls.c'
exit $bad
