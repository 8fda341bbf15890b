/* Who answers at AWS's names, by whose certificate? */
#include <string.h>

#include "doctor_places.h"
#include "tls_peer.h"

/* Whoever is in between signs with a CA of their own: that one is to be trusted, by its file. */
static int refuse_certificate(const struct patient *patient, const char *url,
    const struct tls_peer *peer, const struct err *why, struct finding *f)
{
	const char *bundle = patient->setup.settings.ca_bundle;
	bool clock = strstr(why->text, "expired") || strstr(why->text, "not yet valid");

	if (strstr(why->text, "subject name")) {
		err_set(&f->remedy, 0, "see where the name leads to: getent hosts %s",
		    strstr(url, "://") + 3);
		return err_set(&f->what, DOCTOR_FAIL,
		    "%s: it shows a certificate for \"%s\", issued by \"%s\"", url, peer->subject,
		    peer->issuer);
	}
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
    struct patient *patient, const struct places *places, enum place place, struct finding *f)
{
	const char *url = places->urls[place];
	struct tls_peer peer = {};
	struct err why = {};
	int r;

	r = tls_peer_look(&patient->setup.fetcher, url, place_dial(places, place),
	    check_deadline(patient), &peer, &why);
	if (r == 0 && peer.trusted)
		return DOCTOR_SILENT;
	patient->facts &= ~place_fact(place);
	if (r == 0)
		return refuse_certificate(patient, url, &peer, &why, f);
	return err_set(&f->what, DOCTOR_FAIL, "%s", why.text);
}

/* The first that is wrong: what is in between is in between all of them. */
int places_check_tls(struct patient *patient, const struct places *places, struct finding *f)
{
	int state = DOCTOR_SILENT, looked = 0, https = 0;

	for (enum place i = 0; i < PLACES; i++) {
		struct finding this = {};
		int found;

		if (!places->urls[i] || strncmp(places->urls[i], "https:", 6) != 0)
			continue;
		https++;
		if (!(patient->facts & place_fact(i)))
			continue;
		looked++;
		found = look_at_peer(patient, places, i, &this);
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
