#pragma once
/* In which form a scraper wants the metrics. Pure. */

enum metrics_form {
	METRICS_PLAIN, /* Prometheus' text format 0.0.4: what anybody gets who asks for no other */
	METRICS_OPEN,  /* OpenMetrics 1.0.0 */
};

/*
 * The one that an Accept field prefers (RFC 9110 §12.5.1); OpenMetrics only by its name, and not in
 * another version. NULL: there is no such field.
 */
enum metrics_form metrics_form_of(const char *accept);

/* For Content-Type. */
const char *metrics_form_type(enum metrics_form form);
