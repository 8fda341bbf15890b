"""Requests that two readers could understand differently, as raw octets, and what becomes of each.

A probe is refused (one 4xx or 5xx, then the connection is closed, and nothing reaches the
upstream), or forwarded with exactly one meaning, or broken: it ends within its body, so that no
whole request may come out. Pure data: `PROBES`; tests/integration/test_probes.py sends them.

`{host}` stands for the daemon's own address. Where a body could be taken for a request, it asks
for /v2/smuggled/, which must never be seen upstream."""

from __future__ import annotations

from dataclasses import dataclass

GET = b"GET /v2/app/tags/list HTTP/1.1"
PATCH = b"PATCH /v2/app/blobs/uploads/u1 HTTP/1.1"
PUT = b"PUT /v2/app/manifests/one HTTP/1.1"
HOST = b"Host: {host}"
CHUNKED = b"Transfer-Encoding: chunked"
SMUGGLED = b"GET /v2/smuggled/tags/list HTTP/1.1\r\nHost: {host}\r\n\r\n"
HELLO = b"5\r\nhello\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Meaning:
    method: str
    target: str
    body: bytes = b""


@dataclass(frozen=True)
class Probe:
    name: str
    raw: bytes
    forwarded: tuple[Meaning, ...] = ()    # in this order; none: refused or broken
    statuses: tuple[int, ...] = ()    # of the refusal; none: closed without an answer
    broken: bool = False    # the client stops in the middle
    field: tuple[str, str | None] | None = None    # as it arrives upstream; None: it must not

    @property
    def refused(self) -> bool:
        return not self.forwarded and not self.broken


LIST = Meaning("GET", "/v2/app/tags/list")
BLOB = Meaning("PATCH", "/v2/app/blobs/uploads/u1", b"hello")
MANIFEST = Meaning("PUT", "/v2/app/manifests/one", b"hello")

PROBES: list[Probe] = []


def raw(line: bytes, *fields: bytes, body: bytes = b"", host: bool = True) -> bytes:
    return b"\r\n".join([line, *([HOST] if host else []), *fields]) + b"\r\n\r\n" + body


def refuse(name: str, octets: bytes, *statuses: int) -> None:
    PROBES.append(Probe(name, octets, statuses=statuses or (400,)))


def drop(name: str, octets: bytes) -> None:
    """Closed without an answer: libmicrohttpd does so where no request line can be made out."""
    PROBES.append(Probe(name, octets))


def forward(name: str, octets: bytes, *meanings: Meaning,
            field: tuple[str, str | None] | None = None) -> None:
    PROBES.append(Probe(name, octets, forwarded=meanings, field=field))


def broken(name: str, octets: bytes) -> None:
    PROBES.append(Probe(name, octets, broken=True))


def content_length() -> None:
    refuse("cl-then-te", raw(PATCH, b"Content-Length: 6", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED))
    refuse("te-then-cl", raw(PATCH, CHUNKED, b"Content-Length: 4", body=b"5c\r\n" + SMUGGLED))
    refuse("cl-twice-differing",
           raw(PATCH, b"Content-Length: 5", b"Content-Length: 0", body=b"hello" + SMUGGLED))
    refuse("cl-twice-differing-shorter-first",
           raw(PATCH, b"Content-Length: 0", b"Content-Length: 80", body=SMUGGLED))
    refuse("cl-twice-alike", raw(PATCH, *[b"Content-Length: 5"] * 2, body=b"hello"))
    for name, value in {"list": b"5, 5", "list-differing": b"5,0", "list-empty-end": b"5,",
                        "list-empty-begin": b",5", "plus": b"+5", "minus": b"-5", "hex": b"0x5",
                        "exponent": b"1e1", "fraction": b"5.0", "empty": b"", "parameter": b"5;a",
                        "8-bit-digit": "٥".encode(), "inner-space": b"0 5", "quoted": b'"5"',
                        "trailing-tab": b"5\t", "trailing-vt": b"5\x0b", "letters": b"five"}.items():
        refuse(f"cl-{name}", raw(PATCH, b"Content-Length: " + value, body=b"hello" + SMUGGLED))
    refuse("cl-beyond-64-bits",
           raw(PATCH, b"Content-Length: 18446744073709551621", body=b"hello" + SMUGGLED), 400, 413)
    refuse("cl-beyond-63-bits",
           raw(PATCH, b"Content-Length: 9223372036854775808", body=b"hello" + SMUGGLED), 400, 413)
    refuse("cl-space-before-colon", raw(PATCH, b"Content-Length : 5", body=b"hello" + SMUGGLED))
    refuse("cl-with-get", raw(GET, b"Content-Length: 5", body=b"hello"))
    forward("cl-zero-with-get", raw(GET, b"Content-Length: 0"), LIST)
    forward("cl", raw(PATCH, b"Content-Length: 5", body=b"hello"), BLOB)
    forward("cl-held", raw(PUT, b"Content-Length: 5", body=b"hello"), MANIFEST)
    forward("cl-then-the-next-request",
            raw(PATCH, b"Content-Length: 5", body=b"hello" + raw(GET)), BLOB, LIST)
    forward("cl-named-by-connection",
            raw(PATCH, b"Connection: Content-Length", b"Content-Length: 5", body=b"hello"), BLOB)
    forward("cl-in-http10",
            raw(PATCH.replace(b"1.1", b"1.0"), b"Content-Length: 5", body=b"hello"), BLOB)
    broken("cl-longer-than-the-body", raw(PATCH, b"Content-Length: 50", body=b"hello"))


def transfer_encoding() -> None:
    for name, value in {"gzip-chunked": b"gzip, chunked", "chunked-gzip": b"chunked, gzip",
                        "chunked-chunked": b"chunked, chunked", "identity": b"identity",
                        "xchunked": b"xchunked", "trailing-space": b"chunked ",
                        "trailing-tab": b"chunked\t", "parameter": b"chunked;q=1",
                        "quoted": b'"chunked"', "list-end": b"chunked,", "list-begin": b",chunked",
                        "empty": b"", "semicolon": b"chunked;"}.items():
        refuse(f"te-{name}", raw(PATCH, b"Transfer-Encoding: " + value, body=HELLO + SMUGGLED),
               400, 501)
    for name, value in {"vt": b"\x0bchunked", "ff": b"chunked\x0c", "nul": b"chu\x00nked",
                        "cr": b"chunked\rX: y", "nul-end": b"chunked\x00"}.items():
        refuse(f"te-{name}", raw(PATCH, b"Transfer-Encoding: " + value, body=HELLO + SMUGGLED))
    for name, field in {"space-before-colon": b"Transfer-Encoding : chunked",
                        "tab-before-colon": b"Transfer-Encoding\t: chunked",
                        "nul-before-colon": b"Transfer-Encoding\x00: chunked",
                        "folded-value": b"Transfer-Encoding:\r\n chunked",
                        "folded-onto-another": b"X: y\r\n Transfer-Encoding: chunked",
                        "after-a-bare-cr": b"X: y\rTransfer-Encoding: chunked",
                        "after-a-bare-lf": b"X: y\nTransfer-Encoding: chunked",
                        "after-a-nul": b"X: y\x00\r\nTransfer-Encoding: chunked",
                        "in-a-line-that-begins-with-nul": b"\x00X: y\r\nTransfer-Encoding: chunked",
                        "twice": CHUNKED + b"\r\n" + CHUNKED,
                        "twice-differing": CHUNKED + b"\r\nTransfer-Encoding: identity"}.items():
        refuse(f"te-{name}", raw(PATCH, field, body=HELLO + SMUGGLED), 400, 501)
    refuse("te-in-http10", raw(PATCH.replace(b"1.1", b"1.0"), CHUNKED, body=HELLO))
    refuse("te-with-get", raw(GET, CHUNKED, body=HELLO))
    refuse("te-first-line-indented",
           raw(PATCH, body=HELLO, host=False).replace(b"\r\n", b"\r\n Transfer-Encoding: chunked\r\n"
                                                      b"Host: {host}\r\n", 1))
    forward("te", raw(PATCH, CHUNKED, body=HELLO), BLOB)
    forward("te-held", raw(PUT, CHUNKED, body=HELLO), MANIFEST)
    forward("te-any-case", raw(PATCH, b"tRANSFER-eNCODING:\t CHUNKED", body=HELLO), BLOB)
    forward("te-then-the-next-request", raw(PATCH, CHUNKED, body=HELLO + raw(GET)), BLOB, LIST)
    forward("te-with-underscore", raw(GET, b"Transfer_Encoding: chunked"), LIST)


def chunks() -> None:
    for name, size in {"space": b"5 ", "leading-space": b" 5", "hex-prefix": b"0x5", "plus": b"+5",
                       "minus": b"-5", "underscore": b"0_5", "empty": b"", "only-extension": b";a",
                       "bare-cr": b"5\rX", "letters": b"five", "nul": b"5\x00", "8-bit": b"\xb5",
                       "space-before-extension": b"5 ;a"}.items():
        refuse(f"chunk-size-{name}",
               raw(PATCH, CHUNKED, body=size + b"\r\nhello\r\n0\r\n\r\n" + SMUGGLED))
    refuse("chunk-size-beyond-64-bits",
           raw(PATCH, CHUNKED, body=b"10000000000000005\r\nhello\r\n0\r\n\r\n" + SMUGGLED), 400, 413)
    refuse("chunk-longer-than-its-size",
           raw(PATCH, CHUNKED, body=b"3\r\nhello\r\n0\r\n\r\n" + SMUGGLED))
    refuse("chunk-shorter-than-its-size",
           raw(PATCH, CHUNKED, body=b"7\r\nhello\r\n0\r\n\r\n" + SMUGGLED))
    refuse("chunk-without-its-end", raw(PATCH, CHUNKED, body=b"5\r\nhello0\r\n\r\n" + SMUGGLED))
    refuse("chunk-ends-in-cr", raw(PATCH, CHUNKED, body=b"5\r\nhello\r0\r\n\r\n" + SMUGGLED))
    refuse("chunk-extension-endless",
           raw(PATCH, CHUNKED, body=b"5;" + b"a" * 400_000 + b"\r\nhello\r\n0\r\n\r\n"), 400, 500)
    refuse("chunk-trailer-without-colon",
           raw(PATCH, CHUNKED, body=b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n" + SMUGGLED))
    for name, body in {"extension": b"5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n",
                       "extension-with-bare-lf": b"5;a\nhello\r\n0\r\n\r\n",
                       "leading-zeros": b"0000000000000000005\r\nhello\r\n000\r\n\r\n",
                       "bare-lf": b"5\nhello\n0\n\n",
                       "trailer": b"5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n",
                       "trailer-content-length": b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n",
                       "trailer-host": b"5\r\nhello\r\n0\r\nHost: evil.example\r\n\r\n",
                       "trailer-folded": b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n",
                       "one-by-one": b"1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n2\r\nlo\r\n0\r\n\r\n",
                       }.items():
        forward(f"chunk-{name}", raw(PATCH, CHUNKED, body=body + raw(GET)), BLOB, LIST,
                field=("x-trailer", None))
    forward("chunk-with-its-cr",
            raw(PATCH, CHUNKED, body=b"6\r\nhello\r\n0\r\n\r\n" + raw(GET)),
            Meaning(BLOB.method, BLOB.target, b"hello\r"), LIST)
    forward("chunk-upper-case-size", raw(PATCH, CHUNKED, body=b"A\r\nhellohello\r\n0\r\n\r\n"),
            Meaning(BLOB.method, BLOB.target, b"hellohello"))
    broken("chunk-without-the-last", raw(PATCH, CHUNKED, body=b"5\r\nhello\r\n"))
    broken("chunk-without-the-empty-line", raw(PATCH, CHUNKED, body=b"5\r\nhello\r\n0\r\n"))
    broken("chunk-of-almost-64-bits", raw(PATCH, CHUNKED, body=b"fffffffffffffff0\r\nhello\r\n0\r\n\r\n"))


def fields() -> None:
    for name, field in {"space-before-colon": b"X-A : b", "tab-before-colon": b"X-A\t: b",
                        "space-within": b"X A: b", "empty-name": b": b", "no-colon": b"X-A",
                        "nul-in-value": b"X-A: b\x00c", "nul-at-the-end": b"X-A: b\x00",
                        "nul-in-name": b"X\x00A: b", "cr-in-value": b"X-A: b\rc",
                        "cr-at-the-end": b"X-A: b\r", "bell": b"X-A: b\x07", "delete": b"X-A: b\x7f",
                        "control-in-name": b"X\x01A: b", "parenthesis-in-name": b"X(A: b",
                        "8-bit-in-name": b"X\xc3\xa4: b", "folded": b"X-A: b\r\n c",
                        "folded-with-tab": b"X-A: b\r\n\tc", "folded-blank": b"X-A: b\r\n ",
                        "folded-thrice": b"X-A: b\r\n c\r\n d\r\n e", "bare-lf": b"X-A: b\nX-B: c",
                        "line-of-nul": b"\x00\r\nX-A: b"}.items():
        refuse(f"field-{name}", raw(GET, field, b"X-Last: 1"))
        refuse(f"field-last-{name}", raw(GET, b"X-First: 1", field))
    refuse("field-of-256-kib", raw(GET, b"X-A: " + b"b" * 262_144), 400, 431)
    refuse("fields-by-the-thousand", raw(GET, *[b"X-%d: b" % n for n in range(20_000)]), 400, 431)
    forward("field-8-bit-value", raw(GET, b"X-A: \xc3\xa4\xff"), LIST, field=("x-a", "\xc3\xa4\xff"))
    forward("field-of-24-kib", raw(GET, b"X-A: " + b"b" * 24_576), LIST, field=("x-a", "b" * 24_576))
    forward("field-colon-in-value", raw(GET, b"X-A: b:c: d"), LIST, field=("x-a", "b:c: d"))
    forward("lines-end-in-lf", raw(GET).replace(b"\r\n", b"\n"), LIST)
    forward("empty-lines-first", b"\r\n\r\n" + raw(GET), LIST)
    forward("field-named-by-connection", raw(GET, b"Connection: x-a", b"X-A: b"), LIST,
            field=("x-a", None))
    forward("upgrade-h2c", raw(GET, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c",
                               b"HTTP2-Settings: AAMAAABkAAQAAP__"), LIST, field=("upgrade", None))
    forward("upgrade-websocket", raw(GET, b"Connection: upgrade", b"Upgrade: websocket",
                                     b"Sec-WebSocket-Version: 13"), LIST, field=("upgrade", None))
    forward("te-trailers", raw(GET, b"TE: trailers"), LIST, field=("te", None))
    forward("the-clients-own-authorization", raw(GET, b"Proxy-Authorization: Basic eDp5"), LIST,
            field=("proxy-authorization", None))
    refuse("expect-anything", raw(PATCH, b"Expect: 200-ok", b"Content-Length: 5"), 417)
    refuse("expect-list", raw(PATCH, b"Expect: 100-continue, x", b"Content-Length: 5"), 417)


def request_lines() -> None:
    refuse("http09", b"GET /v2/app/tags/list\r\n\r\n")
    for version in (b"HTTP/1.2", b"HTTP/1.10", b"http/1.1", b"HTTP/1.1x", b"HTTP/11", b"HTTP/2.0",
                    b"HTTP/0.9", b"HTTP/1", b"XTTP/1.1", b"HTTP/1.1\x00", b"HTTP/1.1\t"):
        refuse(f"version-{version.decode()!a}",
               raw(b"GET /v2/app/tags/list " + version), 400, 505)
    refuse("http2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 505)
    for method in (b"get", b"CONNECT", b"TRACE", b"OPTIONS", b"PRI", b"GET\x00", b"G\x00T", b"GE(T",
                   b"\xc3\xa4", b"PATCHES", b"X" * 5000):
        refuse(f"method-{method[:9].decode('latin-1')!a}",
               raw(method + b" /v2/app/tags/list HTTP/1.1"), 400, 405)
    drop("space-before-the-method", b" " + raw(GET))
    drop("tabs-in-the-line", raw(GET.replace(b" ", b"\t")))
    drop("no-blank-in-the-line", b"GET/v2/app/tags/list\r\n\r\n")
    forward("two-blanks-in-the-line", raw(GET.replace(b" ", b"  ", 1)), LIST)
    refuse("two-blanks-before-the-version", raw(b"GET /v2/app/tags/list  HTTP/1.1"))
    refuse("connect-authority", raw(b"CONNECT {host} HTTP/1.1"), 400, 405)
    refuse("asterisk", raw(b"OPTIONS * HTTP/1.1"), 400, 405)
    refuse("asterisk-get", raw(b"GET * HTTP/1.1"))


def targets() -> None:
    for name, target in {
            "dot-dot": b"/v2/app/../smuggled/tags/list", "dot": b"/v2/./app/tags/list",
            "dot-dot-at-the-end": b"/v2/app/tags/..", "dot-at-the-end": b"/v2/app/.",
            "dot-dot-encoded": b"/v2/app/%2e%2e/smuggled/tags/list",
            "dot-dot-half-encoded": b"/v2/app/.%2E/smuggled/tags/list",
            "slash-encoded": b"/v2/app%2ftags/list", "slash-encoded-upper": b"/v2%2Fapp/tags/list",
            "backslash": b"/v2/app\\..\\tags/list", "backslash-encoded": b"/v2/app/%5c..%5c/tags/list",
            "double-slash": b"/v2//app/tags/list", "double-slash-first": b"//v2/app/tags/list",
            "letter-encoded": b"/v2/%61pp/tags/list", "nul-encoded": b"/v2/app%00/tags/list",
            "crlf-encoded": b"/v2/app/tags/list%0d%0aX:%20y", "percent-alone": b"/v2/app/tags/list%",
            "percent-half": b"/v2/app/%4/tags/list", "percent-nonsense": b"/v2/app/%zz/tags/list",
            "space-within": b"/v2/app/tags /list", "tab-within": b"/v2/app/tags\t/list",
            "fragment": b"/v2/app/tags/list#x", "8-bit": b"/v2/\xc3\xa4pp/tags/list",
            "control": b"/v2/app\x01/tags/list", "delete": b"/v2/app\x7f/tags/list",
            "nul": b"/v2/app\x00/tags/list", "cr": b"/v2/app\r/tags/list",
            "nul-in-query": b"/v2/app/tags/list?n=1\x002", "no-slash": b"v2/app/tags/list",
            "https-absolute": b"https://{host}/v2/app/tags/list", "scheme-alone": b"http:/v2/",
            "no-authority": b"http:///v2/app/tags/list"}.items():
        refuse(f"target-{name}", raw(b"GET " + target + b" HTTP/1.1"), 400, 403, 404)
    forward("target-double-encoded-dot-dot", raw(b"GET /v2/app/%252e%252e/tags/list HTTP/1.1"),
            Meaning("GET", "/v2/app/%252e%252e/tags/list"))
    for name, authority in {"foreign": b"evil.example", "metadata": b"169.254.169.254",
                            "userinfo": b"user@{host}", "userinfo-ours": b"{host}@evil.example",
                            "other-port": b"localhost:1"}.items():
        refuse(f"absolute-{name}", raw(b"GET http://" + authority + b"/v2/app/tags/list HTTP/1.1"),
               400, 403)
    refuse("target-of-9000", raw(b"GET /v2/" + b"a" * 9000 + b"/tags/list HTTP/1.1"), 414)
    refuse("target-of-256-kib", raw(b"GET /v2/" + b"a" * 262_144 + b"/tags/list HTTP/1.1"), 414)
    forward("absolute-ours", raw(b"GET http://{host}/v2/app/tags/list HTTP/1.1"), LIST)
    forward("absolute-ours-in-capitals", raw(b"GET HTTP://{host}/v2/app/tags/list HTTP/1.1"), LIST)
    forward("query", raw(b"GET /v2/app/tags/list?n=%2f%20&&last=a+b HTTP/1.1"),
            Meaning("GET", "/v2/app/tags/list?n=%2f%20&&last=a+b"))


def hosts() -> None:
    refuse("host-missing", raw(GET, host=False))
    for name, value in {"empty": b"", "foreign": b"evil.example", "foreign-ours-inside":
                        b"{host}.evil.example", "other-port": b"localhost:1", "userinfo":
                        b"x@{host}", "path": b"{host}/x", "list": b"{host}, evil.example",
                        "space": b"{host} evil.example", "no-port": b"localhost",
                        "query": b"{host}?x", "zone": b"[::1%25lo]:1"}.items():
        refuse(f"host-{name}", raw(GET, b"Host: " + value, host=False), 400, 403)
    refuse("host-twice", raw(GET, b"Host: evil.example"), 400, 403)
    refuse("host-twice-alike", raw(GET, HOST))
    refuse("host-foreign-absolute-ours",
           raw(b"GET http://{host}/v2/app/tags/list HTTP/1.1", b"Host: evil.example", host=False),
           400, 403)
    refuse("origin", raw(GET, b"Origin: http://evil.example"), 403)
    refuse("origin-null", raw(GET, b"Origin: null"), 403)
    refuse("origin-ours", raw(GET, b"Origin: http://{host}"), 403)
    refuse("fetch-cross-site", raw(GET, b"Sec-Fetch-Site: cross-site"), 403)
    refuse("fetch-same-site", raw(GET, b"Sec-Fetch-Site: same-site"), 403)
    forward("http10-without-host", raw(GET.replace(b"1.1", b"1.0"), host=False), LIST)
    forward("two-in-one-packet", raw(GET) + raw(b"GET /v2/b/tags/list HTTP/1.1"), LIST,
            Meaning("GET", "/v2/b/tags/list"))


for table in (content_length, transfer_encoding, chunks, fields, request_lines, targets, hosts):
    table()
