/* This machine: the configuration, where the state goes, the ports, the proxy variables. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "clock.h"
#include "configuration.h"
#include "doctor_checks.h"
#include "environment.h"
#include "listener.h"
#include "proxy_settings.h"
#include "state_dir.h"

/* Lines of created.jsonl and files in pending/, a few hundred octets each, for years. */
enum { STATE_FREE_MIN = 1024 * 1024 };
/* Somebody on this machine answers at once or not at all. */
enum { ASK_MS = 2000, ANSWER_MAX = 64 * 1024, START_MS = 2000, LOOK_AGAIN_MS = 100 };

static int check_configuration(struct patient *patient, struct finding *f)
{
	_cleanup_str_ struct str problems = {};
	enum exit_code code = configuration_load(
	    patient->options, &patient->config, &patient->config_path, &problems);

	if (code != EXIT_CODE_DONE)
		/* The first one: check-config shows them all. */
		return err_set(&f->what, DOCTOR_FAIL, "%.*s",
		    (int)strcspn(str_text(&problems), "\n"), str_text(&problems));
	return err_set(&f->what, DOCTOR_OK, "%s", patient->config_path ?: "no file");
}

static int check_settings(struct patient *patient, struct finding *f)
{
	if (setup_init(&patient->setup, &f->what) != EXIT_CODE_DONE)
		return DOCTOR_FAIL;
	return err_set(
	    &f->what, DOCTOR_OK, "region %s", patient->setup.settings.region ?: "not set");
}

/* The folder, or of its parents, which this cuts off, the one in which it would be made. */
static const char *find_existing(char *path)
{
	while (access(path, F_OK) < 0 && errno == ENOENT) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return ".";
		if (slash == path)
			return "/";
		*slash = '\0';
	}
	return path;
}

static int check_state_dir(struct patient *patient, struct finding *f)
{
	_cleanup_(freep) char *path = NULL, *copy = NULL;
	const char *existing;
	struct statvfs disk;
	unsigned long long left;

	if (patient->config->state_dir ? str_dup(patient->config->state_dir, &path)
				       : state_dir_default(environment, &path, &f->what))
		return DOCTOR_FAIL;
	if (str_dup(path, &copy) < 0)
		return DOCTOR_FAIL;
	existing = find_existing(copy);
	if (access(existing, W_OK | X_OK) < 0) {
		err_set(&f->remedy, 0, "chown %u %s, or give another one: --state-dir",
		    (unsigned)geteuid(), existing);
		return err_set(&f->what, DOCTOR_FAIL, "%s cannot be written to: %s (%s)", path,
		    strerror(errno), existing);
	}
	if (statvfs(existing, &disk) < 0)
		return err_set(&f->what, DOCTOR_OK, "%s", path);
	left = (unsigned long long)disk.f_bavail * disk.f_frsize;
	/* Some file systems do not count their files. */
	if (left < STATE_FREE_MIN || (disk.f_files > 0 && disk.f_favail == 0)) {
		err_set(&f->remedy, 0, "make room: df -h %s; df -i %s", existing, existing);
		return err_set(&f->what, DOCTOR_FAIL,
		    "the disk of %s is full (%llu KiB left): nothing can be created, since what is "
		    "owed is noted first",
		    path, left / 1024);
	}
	return err_set(&f->what, DOCTOR_OK, "%s", path);
}

/* What does the daemon do with them? Clients written in Go leave loopback out by themselves. */
static int check_proxy(struct patient *patient, struct finding *f)
{
	_cleanup_str_ struct str url = {}, api = {};
	struct proxy_settings proxy;
	const char *plain = environment("HTTP_PROXY") ?: environment("http_proxy");

	proxy_settings_read(environment, &proxy);
	if (!proxy.url && plain && *plain) {
		err_set(&f->remedy, 0, "export HTTPS_PROXY=\"$%s\"",
		    environment("HTTP_PROXY") ? "HTTP_PROXY" : "http_proxy");
		return err_set(&f->what, DOCTOR_WARN,
		    "HTTP_PROXY is set and HTTPS_PROXY is not: the daemon goes straight to AWS, "
		    "which is https");
	}
	if (!proxy.url)
		return err_set(&f->what, DOCTOR_OK, "none is set: straight to AWS");
	if (proxy_write_url(proxy.url, &url) < 0)
		return DOCTOR_FAIL;
	/* What most lists have is .amazonaws.com; some have the names of one region. */
	if (str_appendf(&api, "api.ecr.%s.amazonaws.com",
		patient->setup.settings.region ?: "eu-west-1") < 0)
		return DOCTOR_FAIL;
	if (proxy_list_has(proxy.no_proxy, str_text(&api)))
		return err_set(&f->what, DOCTOR_OK,
		    "straight to AWS: NO_PROXY keeps it from the proxy %s (%s)", str_text(&url),
		    proxy.variable);
	return err_set(&f->what, DOCTOR_OK,
	    "to AWS through %s (%s of this shell: a daemon started elsewhere has its own)",
	    str_text(&url), proxy.variable);
}

/* GET by plain http from an address of this machine. 0 (finish *ret), or as fetch(). */
static int ask(const char *address, const char *path, struct fetch_reply *ret)
{
	_cleanup_str_ struct str url = {};
	struct fetch_request request = {
	    .deadline_ms = clock_mono_ms() + ASK_MS,
	    .max_body = ANSWER_MAX,
	};
	struct err e;
	int r = str_appendf(&url, "http://%s%s", address, path);

	if (r < 0)
		return r;
	request.url = str_text(&url);
	return check_fetch(&request, ret, &e);
}

/* One that has just started has its token in a moment. */
static int say_ready(const char *admin, struct finding *f)
{
	int64_t deadline_ms = clock_mono_ms() + START_MS;

	for (;;) {
		_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};

		if (ask(admin, "/readyz", &reply) < 0)
			return err_set(
			    &f->what, DOCTOR_FAIL, "it runs and does not answer %s/readyz", admin);
		if (reply.status == 200)
			return err_set(&f->what, DOCTOR_OK, "it runs and is ready (%s)", admin);
		if (clock_left_ms(deadline_ms) == 0)
			return err_set(&f->what, DOCTOR_FAIL, "it runs and is not ready: %.*s",
			    (int)strcspn(str_text(&reply.body), "\n"), str_text(&reply.body));
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

static const char *const *listen_list(const struct patient *patient)
{
	static const char *const defaults[] = {DEFAULT_LISTEN_IPV4, DEFAULT_LISTEN_IPV6, NULL};

	return patient->config->listen ? (const char *const *)patient->config->listen : defaults;
}

/*
 * Does it run? A socket of systemd's starts it for the first connection, as a push would: what
 * answers a knock there may be the daemon, with an admin listener now.
 */
static int ask_health(const struct patient *patient, const char *admin, struct fetch_reply *ret)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply knock = {};
	int r = ask(admin, "/healthz", ret);

	if (r != -ECONNREFUSED || ask(listen_list(patient)[0], "/v2/", &knock) < 0)
		return r;
	return ask(admin, "/healthz", ret);
}

static int check_daemon(struct patient *patient, struct finding *f)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	const char *admin = configuration_admin(patient->config);
	const char *port = admin ? strrchr(admin, ':') : NULL;
	int r;

	if (!port)
		return err_set(&f->what, DOCTOR_OK, "its admin listener is off: it is not asked");
	r = ask_health(patient, admin, &reply);
	if (r == -ECONNREFUSED) {
		err_set(&f->remedy, 0, "systemctl start ecr-upsertd, or: ecr-upsertd serve");
		return err_set(
		    &f->what, DOCTOR_WARN, "it does not run: nobody listens at %s", admin);
	}
	patient->daemon_runs =
	    r == 0 && reply.status == 200 && strncmp(str_text(&reply.body), "ok", 2) == 0;
	if (patient->daemon_runs)
		return say_ready(admin, f);
	err_set(&f->remedy, 0, "ss -ltnp 'sport = %s'; then stop that, or choose another --admin",
	    port);
	return err_set(&f->what, DOCTOR_FAIL, "another program has the admin address %s", admin);
}

/* Who has the port? HTTP servers often say: macOS's AirPlay is "AirTunes/…". */
static int refuse_port(const struct patient *patient, const char *address, struct finding *f)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	const char *name = NULL;

	if (ask(address, "/v2/", &reply) == 0)
		name = headers_get(&reply.headers, "Server");
	if (!configuration_admin(patient->config) &&
	    headers_get(&reply.headers, "Docker-Distribution-Api-Version")) {
		err_set(&f->remedy, 0, "let the daemon say so itself: --admin 127.0.0.1:5101");
		return err_set(&f->what, DOCTOR_WARN,
		    "a registry answers at %s: the daemon, whose admin listener is off, or another",
		    address);
	}
	if (name) {
		err_set(&f->remedy, 0,
		    "ss -ltnp 'sport = %s'; then stop that, or choose another --listen",
		    strrchr(address, ':'));
		return err_set(&f->what, DOCTOR_FAIL,
		    "%s is in use by a program that calls itself %.40s", address, name);
	}
	/* A socket of systemd's takes connections while the service behind it fails to start. */
	err_set(&f->remedy, 0,
	    "ss -ltnp 'sport = %s'; where that says systemd: systemctl status ecr-upsertd says why "
	    "it does not start; else stop that, or choose another --listen",
	    strrchr(address, ':'));
	return err_set(&f->what, DOCTOR_FAIL,
	    "%s is in use by another program, or by an ecr-upsertd with other settings or one that "
	    "is starting",
	    address);
}

/* The two default ones: a machine without IPv6 has the first one alone. */
static int check_address(
    const struct patient *patient, const char *address, bool given, struct finding *f)
{
	int fd = -1, r = listener_open(address, true, &fd, &f->what);

	if (r == 0)
		close(fd);
	if (r == 0 && patient->daemon_runs) {
		err_set(&f->remedy, 0, "systemctl restart ecr-upsertd");
		return err_set(&f->what, DOCTOR_WARN,
		    "the daemon that runs does not listen at %s: it was started with other "
		    "settings",
		    address);
	}
	if (r == 0 || (!given && (r == -EADDRNOTAVAIL || r == -EAFNOSUPPORT)))
		return DOCTOR_OK;
	if (r != -EADDRINUSE)
		return DOCTOR_FAIL;
	return patient->daemon_runs ? DOCTOR_OK : refuse_port(patient, address, f);
}

static int check_listen(struct patient *patient, struct finding *f)
{
	const char *const *list = listen_list(patient);
	_cleanup_str_ struct str all = {};

	for (size_t i = 0; list[i]; i++) {
		int state = check_address(patient, list[i], patient->config->listen, f);

		if (state != DOCTOR_OK)
			return state;
		if (str_appendf(&all, "%s%s", i > 0 ? ", " : "", list[i]) < 0)
			return DOCTOR_FAIL;
	}
	return err_set(&f->what, DOCTOR_OK, "%s: %s", str_text(&all),
	    patient->daemon_runs ? "the daemon's" : "free");
}

const struct check machine_checks[] = {
    {"configuration", check_configuration, 0, FACT_CONFIG, false,
	"ecr-upsertd check-config, which shows all that is wrong with it"},
    {"aws-settings", check_settings, 0, FACT_SETTINGS, false,
	"correct the variable, or the profile in ~/.aws/config"},
    {"proxy", check_proxy, 0, 0, false, NULL},
    {"state-dir", check_state_dir, FACT_CONFIG, 0, false, "give one: --state-dir"},
    {"daemon", check_daemon, FACT_CONFIG, 0, false, "ecr-upsertd status"},
    {"listen", check_listen, FACT_CONFIG, 0, false, "choose another --listen"},
    {},
};
