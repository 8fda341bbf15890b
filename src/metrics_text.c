#include "metrics_text.h"

#include <inttypes.h>

#include "aws_api.h"
#include "limits.h"

/* r: the first failure; nothing is written after it. */
struct writer {
	const struct status_context *context;
	enum metrics_form form;
	struct str *out;
	int r;
};

struct family {
	const char *name; /* as in OpenMetrics: without the suffix of its samples */
	const char *type;
	const char *suffix; /* of its samples; "" for histograms, which have several */
	const char *unit;   /* or NULL */
	const char *help;
};

#define WRITE(w, ...) ((w)->r = (w)->r ? (w)->r : str_appendf((w)->out, __VA_ARGS__))

/* The text format knows no info, and a counter by its samples' name. */
static void write_head(struct writer *w, const struct family *family)
{
	bool open = w->form == METRICS_OPEN;
	bool info = family->type[0] == 'i';
	const char *suffix = open ? "" : family->suffix;

	WRITE(w, "# HELP %s%s %s\n", family->name, suffix, family->help);
	WRITE(w, "# TYPE %s%s %s\n", family->name, suffix, info && !open ? "gauge" : family->type);
	if (open && family->unit)
		WRITE(w, "# UNIT %s %s\n", family->name, family->unit);
}

static void write_value(struct writer *w, const struct family *family, uint64_t value)
{
	WRITE(w, "%s%s %" PRIu64 "\n", family->name, family->suffix, value);
}

/* Labels are words of closed lists and names of registries: none has an octet to escape. */
static void write_labelled(struct writer *w, const struct family *family, const char *label,
    const char *text, uint64_t value)
{
	WRITE(w, "%s%s{%s=\"%s\"} %" PRIu64 "\n", family->name, family->suffix, label, text, value);
}

static void write_twice_labelled(
    struct writer *w, const struct family *family, const char *const labels[4], uint64_t value)
{
	WRITE(w, "%s%s{%s=\"%s\",%s=\"%s\"} %" PRIu64 "\n", family->name, family->suffix, labels[0],
	    labels[1], labels[2], labels[3], value);
}

/*
 * The upper ends of the buckets. Measured, 150 pushes through the daemon to the sandbox on two busy
 * cores: a twentieth of the requests took 2 ms or less, half 29, nineteen of twenty 68, all but one
 * 250; that one was a layer of 300 MiB with 4.4 s. What lies further out is the size of layers, up
 * to hours, where a coarse answer will do; 25 s is the limit of a creation.
 */
static const struct {
	int64_t ms;
	const char *le; /* as OpenMetrics writes it: one series in both forms */
} buckets[] = {
    {1, "0.001"},
    {5, "0.005"},
    {10, "0.01"},
    {25, "0.025"},
    {50, "0.05"},
    {100, "0.1"},
    {250, "0.25"},
    {500, "0.5"},
    {1000, "1.0"},
    {2500, "2.5"},
    {5000, "5.0"},
    {10000, "10.0"},
    {25000, "25.0"},
    {50000, "50.0"},
    {100000, "100.0"},
    {250000, "250.0"},
    {1000000, "1000.0"},
    {2500000, "2500.0"},
    {10000000, "10000.0"},
};

/* max_ms: the last bucket but that of all. */
static void write_histogram(
    struct writer *w, const struct family *family, const struct latency *latency, int64_t max_ms)
{
	struct latency_counts counts;
	uint64_t total;

	latency_read(latency, &counts);
	total = latency_total(&counts);
	write_head(w, family);
	for (size_t i = 0; i < sizeof(buckets) / sizeof(*buckets) && buckets[i].ms <= max_ms; i++)
		WRITE(w, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", family->name, buckets[i].le,
		    latency_within(&counts, buckets[i].ms));
	WRITE(w, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", family->name, total);
	WRITE(w, "%s_sum %" PRIu64 ".%03" PRIu64 "\n", family->name, counts.sum_ms / 1000,
	    counts.sum_ms % 1000);
	WRITE(w, "%s_count %" PRIu64 "\n", family->name, total);
}

/* Of 370 pairs a dozen occur: only those. */
static void write_requests(struct writer *w)
{
	static const struct family family = {"ecr_upsert_requests", "counter", "_total", NULL,
	    "Requests of clients that have ended, by what they asked for and their status."};
	char status[METRICS_STATUS_SIZE];

	write_head(w, &family);
	for (size_t i = 0; i < METRICS_OPERATIONS; i++) {
		for (size_t j = 0; j < METRICS_STATUSES; j++) {
			uint64_t value = w->context->metrics->requests[i][j];
			const char *const labels[] = {
			    "operation", metrics_operation_name(i), "status", status};

			metrics_status_name(j, status);
			if (value)
				write_twice_labelled(w, &family, labels, value);
		}
	}
}

static void write_traffic(struct writer *w)
{
	static const struct family requests = {"ecr_upsert_request_seconds", "histogram", "",
	    "seconds", "Time from a request's first octet to the last one of its answer."};
	static const struct family bytes = {"ecr_upsert_transferred_bytes", "counter", "_total",
	    "bytes", "Octets of bodies that have come in from clients and gone out to them."};
	static const struct family transfers = {"ecr_upsert_transfers", "gauge", "", NULL,
	    "Requests to a repository that are under way."};
	struct metrics *metrics = w->context->metrics;

	write_requests(w);
	write_histogram(w, &requests, &metrics->request_latency, INT64_MAX);
	write_head(w, &bytes);
	write_labelled(w, &bytes, "direction", "in", metrics->bytes_in);
	write_labelled(w, &bytes, "direction", "out", metrics->bytes_out);
	write_head(w, &transfers);
	write_value(w, &transfers, live_len(w->context->live));
}

/* A registry's counters of one family; those of "other" as soon as there are any. */
static void write_counters(struct writer *w, const struct family *family, const char *label,
    const struct metrics_registry *registry, size_t len, const char *(*name)(size_t index),
    const _Atomic uint64_t *counters)
{
	for (size_t i = 0; i < len; i++) {
		const char *const labels[] = {
		    "registry", registry->host ? registry->host : "other", label, name(i)};

		if (registry->host || counters[i])
			write_twice_labelled(w, family, labels, counters[i]);
	}
}

static void write_creations(struct writer *w)
{
	static const struct family creations = {"ecr_upsert_creations", "counter", "_total", NULL,
	    "Missing repositories that pushes asked for, by what became of them."};
	static const struct family seconds = {"ecr_upsert_creation_seconds", "histogram", "",
	    "seconds", "Time that it took to create a repository."};
	struct metrics *metrics = w->context->metrics;

	write_head(w, &creations);
	for (struct metrics_registry *r = &metrics->registries; r; r = r->next)
		write_counters(
		    w, &creations, "result", r, METRICS_RESULTS, metrics_result_name, r->creations);
	write_histogram(w, &seconds, &metrics->creation_latency, LIMIT_CREATION_MS);
}

static void write_errors(struct writer *w)
{
	static const struct family errors = {"ecr_upsert_upstream_errors", "counter", "_total",
	    NULL, "What went wrong between the daemon and a registry, mended by repeating or not."};
	struct metrics *metrics = w->context->metrics;

	write_head(w, &errors);
	for (struct metrics_registry *r = &metrics->registries; r; r = r->next)
		write_counters(
		    w, &errors, "reason", r, METRICS_ERRORS, metrics_error_name, r->errors);
}

/* When what a registry is served with ends. */
struct expiry {
	const struct metrics_registry *registry;
	int64_t token_s, credentials_s; /* 0: none */
};

struct expiries {
	struct metrics *metrics;
	struct expiry items[LIMIT_REGISTRIES];
	size_t len;
};

/* After a reload a name may be there twice, the earlier one without a token. */
static int note_expiry(
    void *userdata, const struct registry *registry, int64_t expires_s, const char *last_error)
{
	struct expiries *expiries = userdata;
	const struct metrics_registry *place = metrics_find(expiries->metrics, registry->host);
	_cleanup_(credentials_unrefp) struct credentials *credentials =
	    credential_chain_peek(aws_api_chain(registry->api));
	size_t i = 0;

	while (i < expiries->len && expiries->items[i].registry != place)
		i++;
	if (!place->host || i == LIMIT_REGISTRIES || (i < expiries->len && !expires_s))
		return 0;
	expiries->items[i] = (struct expiry){.registry = place,
	    .token_s = expires_s,
	    .credentials_s = credentials ? credentials->expires_s : 0};
	expiries->len += i == expiries->len;
	return 0;
}

static void write_expiries(struct writer *w)
{
	static const struct family tokens = {"ecr_upsert_token_expiry_timestamp_seconds", "gauge",
	    "", "seconds",
	    "When the registry's token ends, since the epoch; 0 while there is none."};
	static const struct family credentials = {"ecr_upsert_credentials_expiry_timestamp_seconds",
	    "gauge", "", "seconds",
	    "When the AWS credentials end, since the epoch; absent for those that do not."};
	struct expiries expiries = {.metrics = w->context->metrics};

	ecr_token_cache_each(w->context->tokens, note_expiry, &expiries);
	write_head(w, &tokens);
	for (size_t i = 0; i < expiries.len; i++)
		write_labelled(w, &tokens, "registry", expiries.items[i].registry->host,
		    (uint64_t)expiries.items[i].token_s);
	write_head(w, &credentials);
	for (size_t i = 0; i < expiries.len; i++)
		if (expiries.items[i].credentials_s)
			write_labelled(w, &credentials, "registry",
			    expiries.items[i].registry->host,
			    (uint64_t)expiries.items[i].credentials_s);
}

static void write_rest(struct writer *w)
{
	static const struct family pending = {"ecr_upsert_pending_follow_ups", "gauge", "", NULL,
	    "Repositories that are still owed a lifecycle or repository policy."};
	static const struct family build = {
	    "ecr_upsert_build", "info", "_info", NULL, "The version of the daemon; always 1."};

	write_head(w, &pending);
	write_value(w, &pending, pending_len(w->context->pending));
	write_head(w, &build);
	write_labelled(w, &build, "version", ECR_UPSERTD_VERSION, 1);
}

int metrics_text_write(
    const struct status_context *context, enum metrics_form form, struct str *ret)
{
	struct writer w = {.context = context, .form = form, .out = ret};

	write_traffic(&w);
	write_creations(&w);
	write_errors(&w);
	write_expiries(&w);
	write_rest(&w);
	if (form == METRICS_OPEN)
		WRITE(&w, "# EOF\n");
	return w.r;
}
