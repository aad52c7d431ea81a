"""Uses the mock with the official `docker` package: use_docker.py ORIGIN. tests/clients/sdk.sh runs it."""

import sys
from urllib.parse import urlsplit

import docker
from docker.types import ContainerSpec
from life import expect, expect_error, expect_values, live

client = docker.DockerClient(base_url=f"tcp://{urlsplit(sys.argv[1]).netloc}", version="1.47", timeout=20)
expect("ping", client.ping(), True)


def gone(call):
    error = expect_error("deleted", docker.errors.NotFound, call)
    expect_values("deleted", error, {"response.status_code": 404})
    expect("whether the error has a message", "not found" in error.explanation, True)


live(
    "container",
    id="id",
    create=lambda: client.containers.create(
        "boat:1.0", "sail 9", name="box-a", labels={"colour": "red"}, environment=["A=1"]
    ),
    read=client.containers.get,
    list=lambda: client.containers.list(all=True),
    update=lambda key: (client.containers.get(key).rename("box-b"), client.containers.get(key))[1],
    delete=lambda key: client.containers.get(key).remove(force=True),
    sent={"name": "box-a", "labels": {"colour": "red"}, "attrs.Config.Cmd": ["sail", "9"], "attrs.Config.Env": ["A=1"]},
    changed={"name": "box-b"},
    gone=gone,
)
container = client.containers.create("boat:1.0", name="box-c", labels={"colour": "blue"})
expect("container by its name", client.containers.get("box-c").id, container.id)
container.update(cpu_shares=512)
container.reload()
expect("limit", container.attrs["HostConfig"]["CpuShares"], 512)
container.start()
container.stop()
blue = client.containers.list(all=True, filters={"label": ["colour=blue"]})
expect("blue containers", [found.id for found in blue], [container.id])

live(
    "image",
    id="id",
    create=lambda: client.images.pull("harbour", tag="2.1"),
    read=client.images.get,
    list=client.images.list,
    delete=lambda key: client.images.remove(key),
    sent={"tags": ["harbour:2.1"]},
    gone=lambda call: expect_error("deleted", docker.errors.NotFound, call),
)
expect("image by its name", client.images.pull("harbour", tag="2.2").id, client.images.get("harbour:2.2").id)

live(
    "network",
    id="id",
    create=lambda: client.networks.create("quay", driver="macvlan", labels={"side": "east"}),
    read=client.networks.get,
    list=client.networks.list,
    delete=lambda key: client.networks.get(key).remove(),
    sent={"name": "quay", "attrs.Driver": "macvlan", "attrs.Labels": {"side": "east"}},
    gone=gone,
)
network = client.networks.create("pier")
expect("networks of one name", [found.id for found in client.networks.list(names=["pier"])], [network.id])
expect("documented network", [found.name for found in client.networks.list(names=["host"])], ["host"])

live(
    "volume",
    id="id",
    create=lambda: client.volumes.create("hold", driver="local", labels={"deck": "2"}),
    read=client.volumes.get,
    list=client.volumes.list,
    delete=lambda key: client.volumes.get(key).remove(),
    sent={"name": "hold", "attrs.Driver": "local", "attrs.Labels": {"deck": "2"}},
    gone=gone,
)

live(
    "secret",
    id="id",
    create=lambda: client.secrets.create(name="code", data=b"1234", labels={"lock": "A"}),
    read=client.secrets.get,
    list=client.secrets.list,
    delete=lambda key: client.secrets.get(key).remove(),
    sent={"name": "code"},
    gone=gone,
)
secret = client.secrets.get(client.secrets.create(name="key", data=b"5", labels={"lock": "B"}).id)
expect("labels of a secret", secret.attrs["Spec"]["Labels"], {"lock": "B"})


IMAGE = "attrs.Spec.TaskTemplate.ContainerSpec.Image"


def update_service(key):
    service = client.services.get(key)
    service.update(image="boat:1.1", name="crew", labels={"watch": "night"})
    return client.services.get(key)


live(
    "service",
    id="id",
    create=lambda: client.services.create("boat:1.0", command=["row"], name="crew", labels={"watch": "day"}),
    read=client.services.get,
    list=client.services.list,
    update=update_service,
    delete=lambda key: client.services.get(key).remove(),
    sent={"name": "crew", IMAGE: "boat:1.0", "attrs.Spec.Labels": {"watch": "day"}},
    changed={IMAGE: "boat:1.1", "attrs.Spec.Labels": {"watch": "night"}},
    gone=gone,
)

error = expect_error("network without a name", docker.errors.APIError, lambda: client.networks.create(None))
expect_values("network without a name", error, {"response.status_code": 400})
expect("whether the message names the field", "Name" in error.explanation, True)
expect_error("unknown image", docker.errors.NotFound, lambda: client.images.get("nothing:0"))
expect_error("unknown volume", docker.errors.NotFound, lambda: client.volumes.get("nothing"))
task = {"ContainerSpec": ContainerSpec("boat:1.0")}
expect_error("unknown service", docker.errors.NotFound, lambda: client.api.update_service("nothing", 1, task))
print("docker: all steps passed")
