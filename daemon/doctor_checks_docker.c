/* Docker's daemon: whether it reaches this machine's loopback, and by which names it can push. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "configuration.h"
#include "docker_host.h"
#include "doctor_checks.h"
#include "environment.h"
#include "listener.h"
#include "proxy_settings.h"

/* /info is some ten kilobytes; it counts containers, which takes its time. */
enum { INFO_MAX = 1024 * 1024 };
/* As version_of() has it: moby 8b4cb6f58c, and moby/moby#47103 (of dockerd-rootless.sh). */
enum { HOSTS_TOML_SINCE = 28000, DETACHED_SINCE = 29005 };
#define UNIX_SCHEME "unix://"

/* Over its socket, or by plain http. 0 (finish *ret) or −errno with the reason. */
static int ask(
    const struct patient *patient, const char *host, struct docker_info *ret, struct err *e)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	_cleanup_str_ struct str url = {};
	bool local = strncmp(host, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0;
	struct fetch_request request = {
	    .deadline_ms = check_deadline(patient),
	    .max_body = INFO_MAX,
	    .unix_socket = local ? host + strlen(UNIX_SCHEME) : NULL,
	};
	int r;

	r = str_appendf(&url, "http://%s/info", local ? "docker" : strstr(host, "://") + 3);
	if (r < 0)
		return err_set(e, r, "out of memory");
	request.url = str_text(&url);
	r = check_fetch(&request, &reply, e);
	if (r == 0 && reply.status != 200)
		r = err_set(e, -EPROTO, "it answers %u", reply.status);
	if (r == 0) {
		r = docker_info_read(str_text(&reply.body), reply.body.len, ret);
		if (r < 0)
			err_set(e, r, "what answers there is no docker");
	}
	return r;
}

/* A socket in a folder of a person that is not there: docker is not installed, not broken. */
static bool is_absent(const char *host)
{
	return strncmp(host, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0 &&
	       access(host + strlen(UNIX_SCHEME), F_OK) < 0 && !environment("DOCKER_HOST");
}

static int refuse(const struct patient *patient, const struct err *why, struct finding *f)
{
	const char *host = patient->docker_host;

	if (strncmp(host, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0 &&
	    access(host + strlen(UNIX_SCHEME), R_OK | W_OK) < 0 && errno == EACCES) {
		err_set(&f->remedy, 0, "sudo usermod -aG docker $USER, and sign in again");
		return err_set(&f->what, DOCTOR_WARN,
		    "docker's daemon cannot be asked: no permission for %s", host);
	}
	err_set(&f->remedy, 0, "docker info");
	return err_set(
	    &f->what, DOCTOR_WARN, "docker's daemon at %s does not answer: %s", host, why->text);
}

/* tcp:// to this machine is as good as the socket; ssh:// leads elsewhere. */
static bool is_elsewhere(const char *host)
{
	return strncmp(host, "tcp://127.", 10) != 0 && strncmp(host, "tcp://localhost:", 16) != 0 &&
	       strncmp(host, "tcp://[::1]:", 12) != 0 && strncmp(host, UNIX_SCHEME, 7) != 0;
}

static const char *listen_port(const struct patient *patient)
{
	const struct config *config = patient->config;
	const char *address =
	    config && config->listen && config->listen[0] ? config->listen[0] : DEFAULT_LISTEN_IPV4;

	return strrchr(address, ':') + 1;
}

static int refuse_elsewhere(const struct patient *patient, struct finding *f)
{
	err_set(&f->remedy, 0,
	    "run ecr-upsertd on that machine, or push from an engine here: "
	    "docker context use default");
	return err_set(&f->what, DOCTOR_WARN,
	    "docker's daemon is at %s: localhost:%s there is not this machine's",
	    patient->docker_host, listen_port(patient));
}

/*
 * A kernel of its own is a virtual machine: Docker Desktop, colima, Rancher Desktop, Finch. Their
 * hosts answer there by the name host.docker.internal, loopback included (Docker Desktop; Lima:
 * host.lima.internal, 192.168.5.2).
 */
static int refuse_machine(const struct patient *patient, struct finding *f)
{
	const char *port = listen_port(patient);

	err_set(&f->remedy, 0,
	    "push to host.docker.internal:%s/…, with \"host.docker.internal:%s\" in \"hosts\" of "
	    "%s and in \"insecure-registries\" of docker's daemon.json",
	    port, port, patient->config_path ?: "the daemon's configuration");
	return err_set(&f->what, DOCTOR_WARN,
	    "docker's daemon runs in a virtual machine (%s, kernel %s): localhost:%s in it is not "
	    "this machine's",
	    patient->docker.system, patient->docker.kernel, port);
}

/* 28.5.2 is 28005; 0: a build of somebody's own. */
static unsigned long version_of(const struct docker_info *docker)
{
	char *end;
	unsigned long major = strtoul(docker->version, &end, 10);

	return major * 1000 + (*end == '.' ? strtoul(end + 1, NULL, 10) : 0);
}

/* Until 29.5 its daemon had a network namespace of its own, which slirp4netns led out of. */
static int judge_rootless(const struct patient *patient, struct finding *f)
{
	const char *port = listen_port(patient);

	if (version_of(&patient->docker) >= DETACHED_SINCE)
		return err_set(&f->what, DOCTOR_OK,
		    "%s (rootless) reaches this machine's loopback, unless "
		    "DOCKERD_ROOTLESS_ROOTLESSKIT_DETACH_NETNS=false",
		    patient->docker.version);
	err_set(&f->remedy, 0,
	    "docker 29.5 or newer; or push to 10.0.2.2:%s/…, with \"10.0.2.2:%s\" in \"hosts\" of "
	    "%s and in \"insecure-registries\" of ~/.config/docker/daemon.json, and by systemctl "
	    "--user edit docker: "
	    "Environment=DOCKERD_ROOTLESS_ROOTLESSKIT_DISABLE_HOST_LOOPBACK=false",
	    port, port, patient->config_path ?: "the daemon's configuration");
	return err_set(&f->what, DOCTOR_WARN,
	    "docker's daemon is rootless: localhost:%s in it is not this machine's", port);
}

static int check_docker(struct patient *patient, struct finding *f)
{
	struct utsname here;
	struct err why = {};

	if (docker_host_find(environment, environment("HOME"), &patient->docker_host) < 0)
		return DOCTOR_FAIL;
	if (is_absent(patient->docker_host))
		return DOCTOR_SILENT;
	if (is_elsewhere(patient->docker_host))
		return refuse_elsewhere(patient, f);
	if (ask(patient, patient->docker_host, &patient->docker, &why) < 0)
		return refuse(patient, &why, f);
	patient->facts |= FACT_DOCKER;
	if (uname(&here) == 0 && strcmp(here.release, patient->docker.kernel) != 0)
		return refuse_machine(patient, f);
	if (patient->docker.rootless)
		return judge_rootless(patient, f);
	return err_set(
	    &f->what, DOCTOR_OK, "%s reaches this machine's loopback", patient->docker.version);
}

/* The containerd image store reads hosts.toml for a push from 28 on; the classic one never does. */
static int check_store(struct patient *patient, struct finding *f)
{
	const struct docker_info *docker = &patient->docker;
	unsigned long version = version_of(docker);

	if (!docker->containerd_store)
		return err_set(&f->what, DOCTOR_OK,
		    "classic image store: push below localhost:%s; the registry's own name goes "
		    "past the daemon",
		    listen_port(patient));
	if (version > 0 && version < HOSTS_TOML_SINCE) {
		err_set(&f->remedy, 0, "push below localhost:%s, or install docker 28 or newer",
		    listen_port(patient));
		return err_set(&f->what, DOCTOR_WARN,
		    "containerd image store of docker %s, which reads no hosts.toml for a push: "
		    "the registry's own name goes past the daemon",
		    docker->version);
	}
	return err_set(&f->what, DOCTOR_OK,
	    "containerd image store: localhost:%s, and by hosts.toml the registry's own name",
	    listen_port(patient));
}

/*
 * Docker never asks a proxy for loopback, whatever NO_PROXY says (Go's http.ProxyFromEnvironment;
 * seen with 20.10); for other names of ours it does.
 */
static int check_proxy(struct patient *patient, struct finding *f)
{
	const struct docker_info *docker = &patient->docker;
	char **hosts = patient->config->hosts;

	if (!*docker->http_proxy && !*docker->https_proxy)
		return DOCTOR_SILENT;
	for (; hosts && *hosts; hosts++) {
		_cleanup_(freep) char *name = str_copy(*hosts, strcspn(*hosts, ":"));

		if (!name)
			return DOCTOR_FAIL;
		if (strcmp(name, "localhost") == 0 || proxy_list_has(docker->no_proxy, name))
			continue;
		err_set(&f->remedy, 0,
		    "add %s to NO_PROXY of docker (\"proxies\" in daemon.json: \"no-proxy\")",
		    name);
		return err_set(&f->what, DOCTOR_WARN,
		    "docker pushes to %s through its proxy, which does not lead here", *hosts);
	}
	return err_set(&f->what, DOCTOR_OK,
	    "docker has a proxy, and does not ask it for localhost:%s", listen_port(patient));
}

const struct check docker_checks[] = {
    {"docker", check_docker, 0, 0, false, "docker info"},
    {"docker-store", check_store, FACT_DOCKER, 0, false, NULL},
    {"docker-proxy", check_proxy, FACT_DOCKER | FACT_CONFIG, 0, false, NULL},
    {},
};
