#include "docker_host.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "digest.h"
#include "unit.h"

static char home[] = "/tmp/test-docker-host-XXXXXX";
static const char *docker_host, *docker_context, *docker_config;

static const char *variable(const char *name)
{
	if (strcmp(name, "DOCKER_HOST") == 0)
		return docker_host;
	if (strcmp(name, "DOCKER_CONTEXT") == 0)
		return docker_context;
	return strcmp(name, "DOCKER_CONFIG") == 0 ? docker_config : NULL;
}

static void put(const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", home, path);
	for (char *slash = strchr(whole + strlen(home) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0700);
		*slash = '/';
	}
	file = fopen(whole, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void assert_found(const char *wanted)
{
	char *found = NULL;

	ck_assert_int_eq(docker_host_find(variable, home, &found), 0);
	ck_assert_str_eq(found, wanted);
	free(found);
}

START_TEST(test_order)
{
	char path[256], hex[SHA256_HEX_SIZE];

	ck_assert_ptr_nonnull(mkdtemp(home));
	assert_found("unix:///var/run/docker.sock");
	put(".docker/config.json", "{\"currentContext\": \"colima\"}");
	assert_found("unix:///var/run/docker.sock"); /* it is not there */
	ck_assert_int_eq(sha256_hex("colima", 6, hex), 0);
	snprintf(path, sizeof(path), ".docker/contexts/meta/%s/meta.json", hex);
	put(path, "{\"Endpoints\": {\"docker\": {\"Host\": \"unix:///home/me/.colima/sock\"}}}");
	assert_found("unix:///home/me/.colima/sock");
	docker_context = "default";
	assert_found("unix:///var/run/docker.sock");
	docker_context = "colima";
	put(".docker/config.json", "no JSON");
	assert_found("unix:///home/me/.colima/sock");
	docker_host = "tcp://box:2375";
	assert_found("tcp://box:2375");
	docker_host = NULL;
	docker_config = "/nonexistent";
	assert_found("unix:///var/run/docker.sock");
}
END_TEST

UNIT(docker_host, test_order);
