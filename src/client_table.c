#include "client_table.h"

#include <string.h>

/*
 * The path names the registry, so one daemon serves several, and every containerd and docker that
 * reads the file takes this form: `?ns=` comes with a push from containerd 2.3 on only.
 */
#define HOSTS_TOML                                           \
	"server = \"http://{url}/v2/{registry}\"\n"          \
	"override_path = true\n"                             \
	"[host.\"http://{url}/v2/{registry}\"]\n"            \
	"capabilities = [\"pull\", \"resolve\", \"push\"]\n" \
	"override_path = true\n"
#define CONTAINERD_HOSTS "{config}/containerd/certs.d/{registry}/hosts.toml"

static const struct client clients[] = {
    {
	.name = "docker",
	.about =
	    "Names below {local} need nothing, whatever docker's version and image store.\n"
	    "The registry's own name needs hosts.toml, docker 28 or newer and the containerd\n"
	    "image store (29's default). The classic store ignores hosts.toml for a push: use\n"
	    "a name below {local} there. Nothing has to be restarted.\n",
	.beyond = "{local} is not on loopback: names below it need\n"
		  "\"insecure-registries\": [\"{local}\"] in docker's daemon.json.\n",
	.path = "{config}/docker/certs.d/{registry}/hosts.toml",
	.text = HOSTS_TOML,
	.image = "team/app:1",
	.engine = true,
	.push = "docker push {image}",
	.push_unchanged = "docker push {image}",
    },
    {
	.name = "podman",
	.about =
	    "podman, buildah and skopeo want https unless they are told otherwise. They cannot\n"
	    "push under the registry's own name: their mirrors and rewritten locations are for\n"
	    "reading. Use a name below {local}.\n",
	.path = "{user_config}/containers/registries.conf.d/ecr-upsertd.conf",
	.text = "[[registry]]\n"
		"location = \"{local}\"\n"
		"insecure = true\n",
	.image = "team/app:1",
	.push = "podman push {image}",
    },
    {
	.name = "containerd",
	.about = "Names below {local} need --plain-http and no file. For the registry's own name\n"
		 "ctr is told of hosts.toml by --hosts-dir.\n",
	.path = CONTAINERD_HOSTS,
	.text = HOSTS_TOML,
	.image = "team/app:1",
	.engine = true,
	.push = "ctr images push --plain-http {image}",
	.push_unchanged = "ctr images push --hosts-dir {config}/containerd/certs.d {image}",
    },
    {
	.name = "nerdctl",
	.about = "Names below {local} need nothing; the registry's own name needs hosts.toml.\n",
	.beyond = "{local} is not on loopback: names below it need --insecure-registry.\n",
	.path = CONTAINERD_HOSTS,
	.text = HOSTS_TOML,
	.image = "team/app:1",
	.engine = true,
	.push = "nerdctl push {image}",
	.push_unchanged = "nerdctl push {image}",
    },
    {
	.name = "finch",
	.about = "On Linux, names below {local} need nothing; the registry's own name needs\n"
		 "hosts.toml. On macOS Finch runs in a virtual machine, which reaches the Mac's\n"
		 "loopback as 192.168.5.2: give --listen 192.168.5.2:{port} here, put hosts.toml\n"
		 "into the machine, and \"192.168.5.2:{port}\" into \"hosts\" of the daemon's\n"
		 "configuration.\n",
	.beyond = "{local} is not on loopback: names below it need --insecure-registry.\n",
	.path = CONTAINERD_HOSTS,
	.text = HOSTS_TOML,
	.image = "team/app:1",
	.engine = true,
	.push = "finch push {image}",
	.push_unchanged = "finch push {image}",
    },
    {
	.name = "buildkit",
	.about =
	    "In buildx's container driver localhost is the container's own: it needs the host's\n"
	    "network. buildkitd cannot push under the registry's own name: its mirrors are for\n"
	    "reading. Use a name below {local}. buildkitd reads the file when it starts:\n"
	    "docker buildx create --name ecr-upsertd --driver-opt network=host \\\n"
	    "    --buildkitd-config {config}/buildkit/buildkitd.toml\n",
	.path = "{config}/buildkit/buildkitd.toml",
	.text = "[registry.\"{local}\"]\n"
		"http = true\n",
	.table = "registry.\"{local}\"",
	.image = "team/app:1",
	.engine = true,
	.push =
	    "docker buildx build --builder ecr-upsertd --push -t {image} .\n"
	    "buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=. \\\n"
	    "    --output type=image,name={image},push=true",
    },
    {
	.name = "helm",
	.about = "helm needs --plain-http for each push and pull, and no file.\n",
	.image = "charts",
	.push = "helm push --plain-http chart-0.1.0.tgz oci://{image}",
    },
};

const char client_names[] = "docker, podman, containerd, nerdctl, finch, buildkit, helm";

const struct client *client_find(const char *name)
{
	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++)
		if (strcmp(clients[i].name, name) == 0)
			return &clients[i];
	return NULL;
}
