#include "unit.h"

#include "metrics_form.h"

static const struct {
	const char *accept;
	enum metrics_form form;
} cases[] = {
    {NULL, METRICS_PLAIN},
    {"", METRICS_PLAIN},
    {"*/*", METRICS_PLAIN},
    {"text/html, */*;q=0.1", METRICS_PLAIN},
    {"application/*", METRICS_PLAIN},
    {"application/openmetrics-text", METRICS_OPEN},
    {"Application/OpenMetrics-Text ; Version=1.0.0", METRICS_OPEN},
    {"application/openmetrics-text;version=0.0.1", METRICS_PLAIN},
    {"application/openmetrics-text;version=2.0.0", METRICS_PLAIN},
    {"application/openmetrics-text;q=0", METRICS_PLAIN},
    {"application/openmetrics-text;q=0.000", METRICS_PLAIN},
    {"application/openmetrics-text2", METRICS_PLAIN},
    {"application/openmetrics-tex", METRICS_PLAIN},
    {"application/openmetrics-text;q=0.3, text/plain;q=0.5", METRICS_PLAIN},
    {"text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.5",
	METRICS_OPEN},
    {"text/plain;version=1.0.0;q=0.9,application/openmetrics-text;q=0.5", METRICS_OPEN},
    /* What Prometheus 2.42 and 3.0 send. */
    {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	METRICS_OPEN},
    {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
     "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-"
     "8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
	METRICS_OPEN},
    /* Junk asks for nothing. */
    {",;,;;=,q=,;q", METRICS_PLAIN},
    {"application/openmetrics-text;q=", METRICS_OPEN},
    {"application/openmetrics-text;q=x", METRICS_PLAIN},
    {"application/openmetrics-text;version", METRICS_OPEN},
    {",,application/openmetrics-text,,", METRICS_OPEN},
};

START_TEST(the_scraper_chooses)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(metrics_form_of(cases[i].accept) == cases[i].form, "%s",
		    cases[i].accept ? cases[i].accept : "none");
}
END_TEST

START_TEST(each_has_its_type)
{
	ck_assert_str_eq(
	    metrics_form_type(METRICS_PLAIN), "text/plain; version=0.0.4; charset=utf-8");
	ck_assert_str_eq(metrics_form_type(METRICS_OPEN),
	    "application/openmetrics-text; version=1.0.0; charset=utf-8");
}
END_TEST

UNIT(metrics_form, the_scraper_chooses, each_has_its_type);
