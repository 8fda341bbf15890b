#include "unit.h"

#include <errno.h>
#include <string.h>

#include "client_config.h"

#define ONE   "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define TWO   "210987654321.dkr.ecr.us-east-2.amazonaws.com"
#define BEGIN "# ecr-upsertd client-config: begin (what is in here will be replaced)\n"
#define END   "# ecr-upsertd client-config: end\n"

static const char *const none[] = {NULL};
static const char *const both[] = {ONE, TWO, NULL};

static struct client_config make(const char *client, const struct client_question *question)
{
	struct client_config config = {};
	struct err e = {};

	ck_assert_msg(
	    client_config_make(client_find(client), question, &config, &e) == 0, "%s", e.text);
	return config;
}

START_TEST(one_hosts_toml_for_each_registry)
{
	struct client_question question = {"127.0.0.1:5100", both, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("docker", &question);

	ck_assert_uint_eq(config.files_len, 2);
	ck_assert_str_eq(str_text(&config.files[1].path), "/etc/docker/certs.d/" TWO "/hosts.toml");
	ck_assert_str_eq(str_text(&config.files[1].text),
	    BEGIN "server = \"http://127.0.0.1:5100/v2/" TWO "\"\n"
		  "override_path = true\n"
		  "[host.\"http://127.0.0.1:5100/v2/" TWO "\"]\n"
		  "capabilities = [\"pull\", \"resolve\", \"push\"]\n"
		  "override_path = true\n" END);
	ck_assert(!config.files[1].shared);
	ck_assert_str_eq(str_text(&config.push), "docker push localhost:5100/team/app:1\n"
						 "docker push localhost:5100/" ONE "/team/app:1\n"
						 "docker push " ONE "/team/app:1\n"
						 "docker push localhost:5100/" TWO "/team/app:1\n"
						 "docker push " TWO "/team/app:1\n");
}
END_TEST

START_TEST(without_a_registry_the_localhost_form_only)
{
	struct client_question question = {"127.0.0.1:5100", none, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("nerdctl", &question);

	ck_assert_uint_eq(config.files_len, 0);
	ck_assert_ptr_nonnull(strstr(str_text(&config.about), "--registry HOST"));
	ck_assert_str_eq(str_text(&config.push), "nerdctl push localhost:5100/team/app:1\n");
}
END_TEST

/* Client, path as root, path as a user, text. */
static const char *const files[][4] = {
    {"docker", "/etc/docker/certs.d/" ONE "/hosts.toml", "/xdg/docker/certs.d/" ONE "/hosts.toml",
	"/v2/" ONE},
    {"podman", "/etc/containers/registries.conf.d/ecr-upsertd.conf",
	"/home/a/.config/containers/registries.conf.d/ecr-upsertd.conf",
	BEGIN "[[registry]]\nlocation = \"localhost:5100\"\ninsecure = true\n" END},
    {"containerd", "/etc/containerd/certs.d/" ONE "/hosts.toml",
	"/xdg/containerd/certs.d/" ONE "/hosts.toml", "/v2/" ONE},
    {"nerdctl", "/etc/containerd/certs.d/" ONE "/hosts.toml",
	"/xdg/containerd/certs.d/" ONE "/hosts.toml", "/v2/" ONE},
    {"finch", "/etc/containerd/certs.d/" ONE "/hosts.toml",
	"/xdg/containerd/certs.d/" ONE "/hosts.toml", "/v2/" ONE},
    {"buildkit", "/etc/buildkit/buildkitd.toml", "/xdg/buildkit/buildkitd.toml",
	BEGIN "[registry.\"localhost:5100\"]\nhttp = true\n" END},
};

static void check_file(const char *const file[4])
{
	static const char *const one[] = {ONE, NULL};
	struct client_question root = {"0.0.0.0:5100", one, .root = true};
	struct client_question user = {"[::]:5100", one, .home = "/home/a", .config_home = "/xdg"};
	_cleanup_(client_config_finish) struct client_config of_root = make(file[0], &root);
	_cleanup_(client_config_finish) struct client_config of_user = make(file[0], &user);

	ck_assert_uint_eq(of_root.files_len, 1);
	ck_assert_str_eq(str_text(&of_root.files[0].path), file[1]);
	ck_assert_ptr_nonnull(strstr(str_text(&of_root.files[0].text), file[3]));
	ck_assert_ptr_null(strstr(str_text(&of_root.about), "rootless"));
	ck_assert_str_eq(str_text(&of_user.files[0].path), file[2]);
	/* podman runs as whoever calls it. */
	ck_assert_int_eq(
	    strstr(str_text(&of_user.about), "rootless") != NULL, client_find(file[0])->engine);
}

START_TEST(files_of_root_and_of_users)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		check_file(files[i]);
}
END_TEST

START_TEST(helm_is_told_by_its_command_line)
{
	struct client_question question = {"127.0.0.1:5100", both, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("helm", &question);

	ck_assert_uint_eq(config.files_len, 0);
	ck_assert_ptr_nonnull(strstr(str_text(&config.push),
	    "helm push --plain-http chart-0.1.0.tgz oci://localhost:5100/" TWO "/charts\n"));
	/* It has no way to send a push of the registry's own name here. */
	ck_assert_ptr_null(strstr(str_text(&config.push), "oci://" ONE));
}
END_TEST

START_TEST(beyond_loopback_more_has_to_be_said)
{
	struct client_question near = {"127.0.0.1:1", both, .root = true};
	struct client_question far = {"10.1.2.3:1", both, .root = true};
	_cleanup_(client_config_finish) struct client_config here = make("docker", &near);
	_cleanup_(client_config_finish) struct client_config there = make("docker", &far);

	ck_assert_ptr_null(strstr(str_text(&here.about), "insecure-registries"));
	ck_assert_ptr_nonnull(
	    strstr(str_text(&there.about), "\"insecure-registries\": [\"10.1.2.3:1\"]"));
	ck_assert_ptr_nonnull(
	    strstr(str_text(&there.files[0].text), "server = \"http://10.1.2.3:1/v2/"));
}
END_TEST

START_TEST(refuses_what_leads_nowhere)
{
	static const struct {
		const char *listen, *registry;
	} cases[] = {
	    {"localhost:5100", ONE},
	    {"127.0.0.1", ONE},
	    {"127.0.0.1:0", ONE},
	    {"[::1]:000", ONE},
	    {"", ONE},
	    {"127.0.0.1:5100", "docker.io"},
	    {"127.0.0.1:5100", "../../../etc"},
	    {"127.0.0.1:5100", ONE "/.."},
	    {"127.0.0.1:5100", ONE "\"\nserver = \"http://evil"},
	    {"127.0.0.1:5100", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *registries[] = {cases[i].registry, NULL};
		struct client_question question = {cases[i].listen, registries, .root = true};
		struct client_config config = {};
		struct err e = {};

		ck_assert_int_eq(
		    client_config_make(client_find("docker"), &question, &config, &e), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.text, " is not "));
		ck_assert_ptr_null(config.files);
	}
}
END_TEST

START_TEST(prints_each_file_under_its_path)
{
	struct client_question question = {"127.0.0.1:5100", none, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("podman", &question);
	_cleanup_str_ struct str text = {}, want = {};

	ck_assert_int_eq(client_config_write(&config, true, &text), 0);
	str_appendf(&want,
	    "%s\n==> /etc/containers/registries.conf.d/ecr-upsertd.conf <==\n%s\n==> push "
	    "<==\npodman push localhost:5100/team/app:1\n",
	    str_text(&config.about), str_text(&config.files[0].text));
	ck_assert_str_eq(str_text(&text), str_text(&want));
}
END_TEST

START_TEST(prints_without_the_files)
{
	struct client_question question = {"127.0.0.1:5100", none, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("podman", &question);
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(client_config_write(&config, false, &text), 0);
	ck_assert_ptr_null(strstr(str_text(&text), "[[registry]]"));
	ck_assert_ptr_nonnull(strstr(str_text(&text), "\n==> push <==\npodman push "));
}
END_TEST

START_TEST(what_others_wrote_is_told)
{
	static const struct {
		const char *client, *existing;
		bool others;
	} cases[] = {
	    {"podman", "a\n", true},
	    {"podman", BEGIN "old\n" END, false},
	    {"podman", BEGIN "old\n" END "a\n", true},
	    {"buildkit", "a\n", true},
	    {"buildkit", BEGIN "old\n" END, false},
	    /* Those stay where they are. */
	    {"buildkit", BEGIN "old\n" END "a\n", false},
	};
	struct client_question question = {"127.0.0.1:5100", none, .root = true};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(client_config_finish) struct client_config config =
		    make(cases[i].client, &question);

		ck_assert_int_eq(
		    client_file_has_others(&config.files[0], cases[i].existing), cases[i].others);
	}
}
END_TEST

START_TEST(a_file_of_ours_is_replaced_whole)
{
	struct client_question question = {"127.0.0.1:5100", none, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("podman", &question);
	_cleanup_str_ struct str text = {};
	struct err e = {};

	ck_assert_int_eq(client_file_merge(&config.files[0], "foreign\n", &text, &e), 0);
	ck_assert_str_eq(str_text(&text), str_text(&config.files[0].text));
}
END_TEST

static int merge(const char *existing, struct str *ret, struct err *e)
{
	struct client_question question = {"127.0.0.1:5100", none, .root = true};
	_cleanup_(client_config_finish) struct client_config config = make("buildkit", &question);

	return client_file_merge(&config.files[0], existing, ret, e);
}

START_TEST(a_shared_file_keeps_the_lines_of_others)
{
	_cleanup_str_ struct str text = {}, again = {};
	struct err e = {};

	ck_assert_int_eq(merge("root = \"/x\"\n[registry.\"localhost:5\"]\n", &text, &e), 0);
	ck_assert_str_eq(str_text(&text), "root = \"/x\"\n[registry.\"localhost:5\"]\n" BEGIN
					  "[registry.\"localhost:5100\"]\nhttp = true\n" END);
	ck_assert_int_eq(merge(str_text(&text), &again, &e), 0);
	ck_assert_str_eq(str_text(&again), str_text(&text));
}
END_TEST

START_TEST(a_table_that_is_there_is_not_doubled)
{
	static const char *const texts[] = {
	    "[registry.\"localhost:5100\"]\n",
	    "a = 1\n\n  [ registry.\"localhost:5100\"\t] # mine\nhttp = true\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_cleanup_str_ struct str text = {};
		struct err e = {};

		ck_assert_int_eq(merge(texts[i], &text, &e), -EEXIST);
		ck_assert_ptr_nonnull(strstr(e.text, "/etc/buildkit/buildkitd.toml has a"));
		ck_assert_uint_eq(text.len, 0);
	}
}
END_TEST

START_TEST(half_a_block_is_told)
{
	_cleanup_str_ struct str text = {};
	struct err e = {};

	ck_assert_int_eq(merge(BEGIN, &text, &e), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(e.text, "/etc/buildkit/buildkitd.toml"));
}
END_TEST

UNIT(client_config, one_hosts_toml_for_each_registry, without_a_registry_the_localhost_form_only,
    files_of_root_and_of_users, helm_is_told_by_its_command_line,
    beyond_loopback_more_has_to_be_said, refuses_what_leads_nowhere,
    prints_each_file_under_its_path, prints_without_the_files, what_others_wrote_is_told,
    a_file_of_ours_is_replaced_whole, a_shared_file_keeps_the_lines_of_others,
    a_table_that_is_there_is_not_doubled, half_a_block_is_told);
