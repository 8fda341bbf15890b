/* The way to AWS: its names, and who answers to them. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base_url.h"
#include "doctor_places.h"
#include "environment.h"
#include "proxy_settings.h"
#include "resolve.h"

static bool is_address(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* What this machine has to look up to get to a place: the proxy's name where there is one. */
static int lookup_name(const struct proxy_settings *proxy, const struct places *places,
    size_t place, struct str *ret, bool *ret_by_proxy)
{
	const struct endpoint *dial = place_dial(places, place);
	struct base_url parsed;
	const char *host;

	*ret_by_proxy = false;
	if (!places->urls[place] || base_url_parse(places->urls[place], &parsed) < 0)
		return 0;
	host = dial ? dial->host : parsed.host;
	*ret_by_proxy = proxy->url && parsed.tls && !dial && !is_address(host) &&
			!proxy_list_has(proxy->no_proxy, host);
	if (*ret_by_proxy)
		return proxy_write_host(proxy->url, ret);
	return is_address(host) ? 0 : str_append_text(ret, host);
}

/* The names to look up, and which of the places each is for. */
struct lookups {
	struct str names[PLACES];
	bool by_proxy[PLACES];
	const char *list[RESOLVE_MAX];
	size_t of[PLACES]; /* its index in the list */
	size_t len;
};

static void lookups_finish(struct lookups *lookups)
{
	for (enum place i = 0; i < PLACES; i++)
		str_finish(&lookups->names[i]);
}

static int find_lookups(const struct places *places, struct lookups *ret)
{
	struct proxy_settings proxy;

	proxy_settings_read(environment, &proxy);
	for (enum place i = 0; i < PLACES; i++) {
		int r = lookup_name(&proxy, places, i, &ret->names[i], &ret->by_proxy[i]);

		if (r < 0)
			return r;
		if (ret->names[i].len == 0)
			continue;
		ret->of[i] = 0;
		while (ret->of[i] < ret->len &&
		       strcmp(ret->list[ret->of[i]], str_text(&ret->names[i])) != 0)
			ret->of[i]++;
		if (ret->of[i] == ret->len)
			ret->list[ret->len++] = str_text(&ret->names[i]);
	}
	return 0;
}

static const char *outcome_words(enum resolve_outcome outcome)
{
	switch (outcome) {
	case RESOLVE_UNKNOWN:
		return "there is no such name (NXDOMAIN)";
	case RESOLVE_LATE:
		return "the name server does not answer (timeout)";
	default:
		return "the name server cannot be asked or fails";
	}
}

/* One line for all names: those that fail, each with what it is for. */
static int judge(struct patient *patient, const struct lookups *lookups,
    const enum resolve_outcome *outcomes, struct finding *f)
{
	_cleanup_str_ struct str failed = {};

	for (enum place i = 0; i < PLACES; i++) {
		enum resolve_outcome outcome;

		if (lookups->names[i].len == 0)
			continue;
		outcome = outcomes[lookups->of[i]];
		if (outcome == RESOLVE_DONE)
			continue;
		patient->facts &= ~place_fact(i);
		if (str_appendf(&failed, "%s%s (%s%s): %s", failed.len > 0 ? "; " : "",
			str_text(&lookups->names[i]), lookups->by_proxy[i] ? "the proxy to " : "",
			place_name(i), outcome_words(outcome)) < 0)
			return DOCTOR_FAIL;
		err_set(&f->remedy, 0, "getent hosts %s; then see /etc/resolv.conf%s",
		    str_text(&lookups->names[i]),
		    lookups->by_proxy[i] ? " and HTTPS_PROXY" : ", the VPN, and the name's region");
	}
	if (failed.len == 0)
		return err_set(&f->what, DOCTOR_OK, "%zu name%s found", lookups->len,
		    lookups->len == 1 ? "" : "s");
	return err_set(&f->what, DOCTOR_FAIL, "%s", str_text(&failed));
}

static int look_up(struct patient *patient, const struct places *places, struct finding *f)
{
	_cleanup_(lookups_finish) struct lookups lookups = {};
	enum resolve_outcome outcomes[RESOLVE_MAX];

	if (find_lookups(places, &lookups) < 0 ||
	    resolve(lookups.list, lookups.len, check_deadline(patient), outcomes) < 0)
		return DOCTOR_FAIL;
	if (lookups.len == 0)
		return err_set(&f->what, DOCTOR_OK, "no name has to be looked up");
	return judge(patient, &lookups, outcomes, f);
}

static int check_dns(struct patient *patient, struct finding *f)
{
	_cleanup_(places_finish) struct places places = {};

	return places_find(patient, &places) < 0 ? DOCTOR_FAIL : look_up(patient, &places, f);
}

static int check_tls(struct patient *patient, struct finding *f)
{
	_cleanup_(places_finish) struct places places = {};

	return places_find(patient, &places) < 0 ? DOCTOR_FAIL
						 : places_check_tls(patient, &places, f);
}

/*
 * The same for the registry that the identity has, whose name comes from STS. Not where ECR's API
 * is elsewhere (AWS_ENDPOINT_URL_ECR): whoever says so names the registry there too.
 */
int check_own_host(struct patient *patient, struct finding *f)
{
	_cleanup_(places_finish) struct places places = {};
	const struct aws_settings *settings = &patient->setup.settings;
	int state;

	if (patient->chosen->host || !patient->registry || settings->ecr_url ||
	    settings->endpoint_url)
		return DOCTOR_SILENT;
	if (places_find_registry(patient, &places) < 0)
		return DOCTOR_FAIL;
	state = look_up(patient, &places, f);
	if (state == DOCTOR_OK)
		state = places_check_tls(patient, &places, f);
	return state == DOCTOR_OK ? err_set(&f->what, DOCTOR_OK, "%s", patient->registry->host)
				  : state;
}

const struct check network_checks[] = {
    {"dns", check_dns, FACT_REGISTRY, 0, true, "see /etc/resolv.conf"},
    {"tls", check_tls, FACT_REGISTRY, 0, true,
	"check the network and, behind a proxy, HTTPS_PROXY"},
    {},
};
