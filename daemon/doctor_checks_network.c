/* The way to AWS: names, and who answers to them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base_url.h"
#include "clock.h"
#include "doctor_checks.h"
#include "proxy_settings.h"
#include "resolve.h"
#include "tls_peer.h"

enum { PLACE_REGISTRY, PLACE_API, PLACE_STS, PLACES };

/* What the daemon connects to, as URLs; NULL: not known yet, or no such place. */
struct places {
	char *urls[PLACES];
	const struct endpoint *dial; /* for the registry; NULL: its own address */
};

static const char *const place_names[] = {"the registry", "ECR's API", "STS"};
static const unsigned place_facts[] = {FACT_HOST, FACT_API, FACT_STS};

static const char *environment(const char *name)
{
	return getenv(name);
}

static void places_finish(struct places *places)
{
	for (size_t i = 0; i < PLACES; i++)
		free(places->urls[i]);
}

/* A registry that is not named has its own host once the identity is known: not here. */
static void find_places(const struct patient *patient, struct places *ret)
{
	const struct aws_settings *settings = &patient->setup.settings;
	const char *region = check_region(patient);
	const struct registry *registry = patient->registry;
	_cleanup_str_ struct str url = {};
	struct err e;

	if (registry) {
		if (str_appendf(&url, "%s://%s", registry->dial.tls ? "https" : "http",
			registry->host) == 0)
			str_dup(str_text(&url), &ret->urls[PLACE_REGISTRY]);
		if (strcmp(registry->dial.host, registry->host) != 0)
			ret->dial = &registry->dial;
		str_dup(registry->ecr_url, &ret->urls[PLACE_API]);
	} else if (region) {
		aws_settings_ecr_url(settings, region, &ret->urls[PLACE_API], &e);
	}
	if (region)
		aws_settings_sts_url(settings, region, &ret->urls[PLACE_STS], &e);
}

/* A registry may be dialled at another address. */
static const struct endpoint *place_dial(const struct places *places, size_t place)
{
	return place == PLACE_REGISTRY ? places->dial : NULL;
}

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
	for (size_t i = 0; i < PLACES; i++)
		str_finish(&lookups->names[i]);
}

static int find_lookups(const struct places *places, struct lookups *ret)
{
	struct proxy_settings proxy;

	proxy_settings_read(environment, &proxy);
	for (size_t i = 0; i < PLACES; i++) {
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

	for (size_t i = 0; i < PLACES; i++) {
		enum resolve_outcome outcome;

		if (lookups->names[i].len == 0)
			continue;
		outcome = outcomes[lookups->of[i]];
		if (outcome == RESOLVE_DONE)
			continue;
		patient->facts &= ~place_facts[i];
		if (str_appendf(&failed, "%s%s (%s%s): %s", failed.len > 0 ? "; " : "",
			str_text(&lookups->names[i]), lookups->by_proxy[i] ? "the proxy to " : "",
			place_names[i], outcome_words(outcome)) < 0)
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

static int check_dns(struct patient *patient, struct finding *f)
{
	_cleanup_(places_finish) struct places places = {};
	_cleanup_(lookups_finish) struct lookups lookups = {};
	enum resolve_outcome outcomes[RESOLVE_MAX];

	find_places(patient, &places);
	if (find_lookups(&places, &lookups) < 0 ||
	    resolve(lookups.list, lookups.len, check_deadline(patient), outcomes) < 0)
		return DOCTOR_FAIL;
	if (lookups.len == 0)
		return err_set(&f->what, DOCTOR_OK, "no name has to be looked up");
	return judge(patient, &lookups, outcomes, f);
}

/* Whoever is in between signs with a CA of their own: that one is to be trusted, by its file. */
static int refuse_certificate(const struct patient *patient, const char *url,
    const struct tls_peer *peer, const struct err *why, struct finding *f)
{
	const char *bundle = patient->setup.settings.ca_bundle;
	bool clock = strstr(why->text, "expired") || strstr(why->text, "not yet valid");

	if (clock)
		err_set(&f->remedy, 0, "date; then set the clock: timedatectl set-ntp true");
	else if (bundle)
		err_set(&f->remedy, 0,
		    "add that CA's certificate (PEM) to %s, which AWS_CA_BUNDLE or ca_bundle names",
		    bundle);
	else
		err_set(&f->remedy, 0,
		    "export AWS_CA_BUNDLE=/path/of/that-CA.pem, with AWS's own CAs in it too where "
		    "some hosts are not intercepted");
	if (!*peer->issuer)
		return err_set(&f->what, DOCTOR_FAIL, "%s", why->text);
	if (clock)
		return err_set(&f->what, DOCTOR_FAIL,
		    "%s: its certificate, issued by \"%s\", is valid from %s until %s, which is "
		    "not now by this machine's clock",
		    url, peer->issuer, peer->from, peer->until);
	return err_set(&f->what, DOCTOR_FAIL,
	    "%s: its certificate for \"%s\" was issued by \"%s\", which is not trusted here: a "
	    "TLS-inspecting proxy, or a private CA (%s)",
	    url, peer->subject, peer->issuer, why->text);
}

/* DOCTOR_SILENT: nothing wrong there. */
static int look_at_peer(
    struct patient *patient, const struct places *places, size_t place, struct finding *f)
{
	const char *url = places->urls[place];
	struct tls_peer peer = {};
	struct err why = {};
	int r;

	r = tls_peer_look(&patient->setup.fetcher, url, place_dial(places, place),
	    check_deadline(patient), &peer, &why);
	if (r == 0 && peer.trusted)
		return DOCTOR_SILENT;
	patient->facts &= ~place_facts[place];
	if (r == 0)
		return refuse_certificate(patient, url, &peer, &why, f);
	return err_set(&f->what, DOCTOR_FAIL, "%s", why.text);
}

/* The first that is wrong: what is in between is in between all of them. */
static int check_tls(struct patient *patient, struct finding *f)
{
	_cleanup_(places_finish) struct places places = {};
	int state = DOCTOR_SILENT, looked = 0, https = 0;

	find_places(patient, &places);
	for (size_t i = 0; i < PLACES; i++) {
		struct finding this = {};
		const char *url = places.urls[i];
		int found;

		if (!url || strncmp(url, "https:", 6) != 0)
			continue;
		https++;
		if (!(patient->facts & place_facts[i]))
			continue;
		looked++;
		found = look_at_peer(patient, &places, i, &this);
		if (state == DOCTOR_SILENT && found != DOCTOR_SILENT) {
			*f = this;
			state = found;
		}
	}
	if (https == 0)
		return err_set(&f->what, DOCTOR_OK, "plain http: nothing is verified");
	if (state == DOCTOR_SILENT && looked > 0)
		return err_set(&f->what, DOCTOR_OK, "trusted by %s",
		    patient->setup.settings.ca_bundle ?: "the system's CAs");
	return state;
}

const struct check network_checks[] = {
    {"dns", check_dns, FACT_REGISTRY, 0, true, "see /etc/resolv.conf"},
    {"tls", check_tls, FACT_REGISTRY, 0, true,
	"check the network and, behind a proxy, HTTPS_PROXY"},
    {},
};
