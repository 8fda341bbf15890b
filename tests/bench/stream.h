#pragma once
/* One connection of the load: repeats one kind of request until told to stop. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Uploads are sent in blocks of this size, chunked ones in chunks of 32 KiB, as Docker does. */
enum { STREAM_BLOCK = 256 * 1024 };

enum mode {
	MODE_DOWNLOAD,
	MODE_UPLOAD,
	MODE_UPLOAD_CHUNKED,
	MODE_SMALL,
	MODE_STALL,
};

/* Shared by all streams; the flags are the only fields that change. */
struct plan {
	enum mode mode;
	int port;
	uint64_t size;     /* of one body; of an upload, a multiple of STREAM_BLOCK */
	uint64_t requests; /* for each stream; 0: until stop */
	atomic_bool stop;
	atomic_bool measure; /* keep latencies from here on */
	atomic_int stalled, ended;
};

/* Owned by its thread; the counters may be read by another one at any time. */
struct stream {
	struct plan *plan;
	atomic_int fd;
	atomic_uint_fast64_t bytes; /* of bodies, either way */
	atomic_uint_fast64_t requests;
	uint32_t *latencies_us;
	size_t latency_count, latency_cap;
	char error[160]; /* "" when all went well */
};

/* Once, before any stream. */
void stream_prepare(void);

/* A thread's body; the argument is a struct stream with its plan. */
void *stream_run(void *stream);

/* Wakes a stream out of whatever it waits for; plan->stop comes first. */
void stream_interrupt(struct stream *stream);
