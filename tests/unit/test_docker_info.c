#include "docker_info.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static struct docker_info info;

static int read_text(const char *text)
{
	return docker_info_read(text, strlen(text), &info);
}

START_TEST(test_containerd_store)
{
	ck_assert_int_eq(
	    read_text("{\"ServerVersion\": \"29.0.1\", \"Driver\": \"overlayfs\", "
		      "\"DriverStatus\": [[\"driver-type\", "
		      "\"io.containerd.snapshotter.v1\"]], \"OperatingSystem\": "
		      "\"Docker Desktop\", \"KernelVersion\": \"6.6-linuxkit\", "
		      "\"HttpProxy\": \"http.docker.internal:3128\", \"NoProxy\": \"x\", "
		      "\"SecurityOptions\": [\"name=seccomp\", \"name=rootless\"]}"),
	    0);
	ck_assert_str_eq(info.version, "29.0.1");
	ck_assert_str_eq(info.system, "Docker Desktop");
	ck_assert_str_eq(info.kernel, "6.6-linuxkit");
	ck_assert_str_eq(info.http_proxy, "http.docker.internal:3128");
	ck_assert_str_eq(info.https_proxy, "");
	ck_assert_str_eq(info.no_proxy, "x");
	ck_assert(info.containerd_store && info.rootless);
	docker_info_finish(&info);
}
END_TEST

START_TEST(test_classic_store)
{
	ck_assert_int_eq(
	    read_text("{\"ServerVersion\": \"20.10.24\", \"DriverStatus\": [[\"Backing "
		      "Filesystem\", \"extfs\"]], \"SecurityOptions\": [\"name=seccomp\"]}"),
	    0);
	ck_assert(!info.containerd_store && !info.rootless);
	docker_info_finish(&info);
	ck_assert_int_eq(read_text("{\"ServerVersion\": \"1\", \"DriverStatus\": null}"), 0);
	ck_assert(!info.containerd_store);
	docker_info_finish(&info);
}
END_TEST

START_TEST(test_something_else)
{
	ck_assert_int_eq(read_text("<html>"), -EBADMSG);
	ck_assert_int_eq(read_text("{\"host\": {}}"), -EBADMSG);
	ck_assert_int_eq(read_text(""), -EBADMSG);
}
END_TEST

UNIT(docker_info, test_containerd_store, test_classic_store, test_something_else);
