/* This name hides the C library's, whose parts include each other by it: always hand them on. */
#include_next <limits.h>

#ifndef ECR_UPSERTD_LIMITS_H
#define ECR_UPSERTD_LIMITS_H
/*
 * Every bound of the daemon, with what chose it. "Measured" means tests/bench on two cores against
 * nginx with the same buffers; sizes are octets, times milliseconds unless the name says otherwise.
 */

enum {
	/* 32K to 256K: 0.86 to 0.53 CPU-seconds per GB; beyond 128K nothing is gained. Measured. */
	LIMIT_CURL_BUFFER = 128 * 1024,
	/* One send() carries eight TLS records: 0.82 of nginx with one, 0.92 from eight on. Larger
	   ones gain nothing and take memory: 128K is 0.40 MiB for each stalled stream, 256K 0.51.
	   Measured. */
	LIMIT_DOWNLOAD_BLOCK = 128 * 1024,
	/* libmicrohttpd receives into half of it. Uploads: 40K 0.60 of nginx, 160K 1.04. */
	LIMIT_CONNECTION_POOL = 160 * 1024,
	LIMIT_CONNECTION_STACK = 256 * 1024,

	/* A thread and 0.15 MiB each; 1,000 idle clients must not shut out one that pushes. */
	LIMIT_CONNECTIONS = 2000,
	/* Pages, scrapers and probes; however many come, threads are left for those that push. */
	LIMIT_ADMIN_CONNECTIONS = 100,
	/* buildkit keeps idle connections 120 s; a POST on a connection we just closed is not
	   repeated by Go. */
	LIMIT_IDLE_S = 150,
	/* Accepted but silent; waits only for a first byte. */
	LIMIT_FIRST_BYTE_MS = 150 * 1000,

	/* Silent clients that wait at once; the longest-waiting one makes room for the next. */
	LIMIT_WAITING = 1024,
	/* Reading on after a refusal, so that no reset overtakes it. */
	LIMIT_LINGER_MS = 2000,

	/* Served in one run; each has its token, 10 KiB in all. An organisation has a few hundred.
	 */
	LIMIT_REGISTRIES = 1024,

	/* PutImage takes 4,194,304 octets of manifest: held so that it can be repeated. */
	LIMIT_MANIFEST = 4 * 1024 * 1024,
	/* Answers of known length up to this are read whole: one send, and a clean 502 when cut. */
	LIMIT_SMALL_BODY = 64 * 1024,
	/* GetAuthorizationToken answers 3 to 6 KiB today; 16 KiB tokens work. */
	LIMIT_API_BODY = 1024 * 1024,

	/* containerd ≥ 2.3 gives up after 30 s of silence. */
	LIMIT_CREATION_MS = 25 * 1000,
	LIMIT_CONNECT_MS = 10 * 1000,
	/* Until the head of an answer; longer where ECR has a whole layer to check. */
	LIMIT_HEAD_MS = 60 * 1000,
	LIMIT_COMMIT_MS = 300 * 1000,
	/* Upstream moves no octet of a body either way. */
	LIMIT_STALL_MS = 60 * 1000,
	/* One call of the control API; the whole creation has LIMIT_CREATION_MS. */
	LIMIT_API_CALL_MS = 10 * 1000,
	/* SIGTERM: running transfers have this long. */
	LIMIT_DRAIN_MS = 60 * 1000,

	/* Idle upstream connections: fewer than ECR's own 60 s. */
	LIMIT_UPSTREAM_IDLE_S = 20,
	LIMIT_UPSTREAM_SLOTS = 64,
};

#endif
