"""Uses the mock with the official `kubernetes` package: use_kubernetes.py ORIGIN. tests/clients/sdk.sh runs it."""

import json
import sys

from kubernetes import client
from kubernetes.client.exceptions import ConflictException, NotFoundException, UnprocessableEntityException
from life import expect, expect_error, expect_values, live, page_through

settings = client.Configuration(host=sys.argv[1])
settings.api_key["authorization"] = "Bearer token"
core = client.CoreV1Api(client.ApiClient(settings))
apps = client.AppsV1Api(core.api_client)
SPACE = "harbour"


def gone(call):
    error = expect_error("deleted", NotFoundException, call, status=404, reason="Not Found")
    expect("whether the error has a message", "not found" in json.loads(error.body)["message"], True)


def pages(call, *args, limit=2, **more):
    """The records on all pages of a list."""
    token = None
    while True:
        page = call(*args, limit=limit, **({"_continue": token} if token else {}), **more)
        yield from page.items
        token = page.metadata._continue if page.metadata else None
        if not token:
            return


def meta(name, **labels):
    return client.V1ObjectMeta(name=name, labels=labels or None)


live(
    "namespace",
    id="metadata.name",
    create=lambda: core.create_namespace(client.V1Namespace(metadata=meta("yard", zone="a"))),
    read=core.read_namespace,
    list=lambda: pages(core.list_namespace),
    update=lambda name: core.patch_namespace(name, {"metadata": {"labels": {"zone": "b"}}}),
    delete=core.delete_namespace,
    sent={"metadata.labels": {"zone": "a"}},
    changed={"metadata.labels": {"zone": "b"}},
    gone=gone,
)
core.create_namespace(client.V1Namespace(metadata=meta(SPACE)))


def life_of(api, kind, model, sent, patch, changed, **fields):
    """The life of a record in a namespace."""
    live(
        kind,
        id="metadata.name",
        create=lambda: getattr(api, f"create_namespaced_{kind}")(
            SPACE, model(metadata=meta("first", tier="one"), **fields)
        ),
        read=lambda name: getattr(api, f"read_namespaced_{kind}")(name, SPACE),
        list=lambda: pages(getattr(api, f"list_namespaced_{kind}"), SPACE),
        update=lambda name: getattr(api, f"patch_namespaced_{kind}")(name, SPACE, patch),
        delete=lambda name: getattr(api, f"delete_namespaced_{kind}")(name, SPACE),
        sent={"metadata.namespace": SPACE, "metadata.labels": {"tier": "one"}, **sent},
        changed=changed,
        gone=gone,
    )


life_of(
    core,
    "config_map",
    client.V1ConfigMap,
    {"data": {"mast": "tall", "sail": "jib"}},
    {"data": {"sail": None, "keel": "long"}},
    {"data": {"mast": "tall", "keel": "long"}},
    data={"mast": "tall", "sail": "jib"},
)
life_of(
    core,
    "secret",
    client.V1Secret,
    {"data": {"key": "MTIzNA=="}, "type": "Opaque"},
    [{"op": "replace", "path": "/data/key", "value": "NTY3OA=="}],
    {"data": {"key": "NTY3OA=="}},
    data={"key": "MTIzNA=="},
    type="Opaque",
)
port = client.V1ServicePort(port=80, name="http", target_port="8080")
life_of(
    core,
    "service",
    client.V1Service,
    {"spec.selector": {"app": "tide"}, "spec.ports.0.port": 80, "spec.ports.0.target_port": "8080"},
    {"spec": {"selector": {"app": "wave"}}},
    {"spec.selector": {"app": "wave"}},
    spec=client.V1ServiceSpec(selector={"app": "tide"}, ports=[port]),
)
limits = client.V1ResourceRequirements(limits={"memory": "64Mi"})
container = client.V1Container(
    name="tide", image="tide:1", command=["run"], env=[client.V1EnvVar(name="A", value="1")], resources=limits
)
life_of(
    core,
    "pod",
    client.V1Pod,
    {
        "spec.containers.0.image": "tide:1",
        "spec.containers.0.command": ["run"],
        "spec.containers.0.env.0.value": "1",
        "spec.containers.0.resources.limits": {"memory": "64Mi"},
    },
    {"metadata": {"annotations": {"seen": "yes"}}},
    {"metadata.annotations": {"seen": "yes"}},
    spec=client.V1PodSpec(containers=[container]),
)
template = client.V1PodTemplateSpec(metadata=meta("tide", app="tide"), spec=client.V1PodSpec(containers=[container]))
life_of(
    apps,
    "deployment",
    client.V1Deployment,
    {
        "spec.replicas": 2,
        "spec.selector.match_labels": {"app": "tide"},
        "spec.template.metadata.labels": {"app": "tide"},
        "spec.template.spec.containers.0.env.0.name": "A",
        "spec.template.spec.containers.0.resources.limits": {"memory": "64Mi"},
    },
    {"spec": {"replicas": 3}},
    {"spec.replicas": 3},
    spec=client.V1DeploymentSpec(
        replicas=2, selector=client.V1LabelSelector(match_labels={"app": "tide"}), template=template
    ),
)

# A replacement drops what it does not name.
core.create_namespaced_config_map(SPACE, client.V1ConfigMap(metadata=meta("whole", tier="one"), data={"a": "1"}))
core.replace_namespaced_config_map("whole", SPACE, client.V1ConfigMap(metadata=meta("whole"), data={"b": "2"}))
expect_values("replaced", core.read_namespaced_config_map("whole", SPACE), {"data": {"b": "2"}, "metadata.labels": None})

# Each namespace has records of the same name.
core.create_namespace(client.V1Namespace(metadata=meta("marina")))
for space, colour in [(SPACE, "red"), ("marina", "blue")]:
    core.create_namespaced_config_map(space, client.V1ConfigMap(metadata=meta("buoy"), data={"colour": colour}))
core.patch_namespaced_config_map("buoy", "marina", {"data": {"light": "on"}})
expect("one buoy", core.read_namespaced_config_map("buoy", SPACE).data, {"colour": "red"})
expect("the other buoy", core.read_namespaced_config_map("buoy", "marina").data, {"colour": "blue", "light": "on"})
listed = [found.data for found in core.list_namespaced_config_map("marina").items]
expect("buoys in one namespace", listed, [{"colour": "blue", "light": "on"}])
core.delete_namespaced_config_map("buoy", "marina")
expect("the buoy that is left", core.read_namespaced_config_map("buoy", SPACE).data, {"colour": "red"})

pod = client.V1PodSpec(containers=[container])
page_through(
    "pods",
    id="metadata.name",
    create=lambda number: core.create_namespaced_pod(SPACE, client.V1Pod(metadata=meta(f"pod-{number}"), spec=pod)),
    list=lambda: pages(core.list_namespaced_pod, SPACE, limit=10),
    count=25,
)

expect_error("unknown pod", NotFoundException, lambda: core.read_namespaced_pod("nothing", SPACE), status=404)
expect_error("unknown namespace", NotFoundException, lambda: core.list_namespaced_pod("nowhere"), status=404)
again = client.V1ConfigMap(metadata=meta("whole"))
expect_error("name that exists", ConflictException, lambda: core.create_namespaced_config_map(SPACE, again), status=409)
patch = [{"op": "test", "path": "/data/b", "value": "3"}]
expect_error("failed test", ConflictException, lambda: core.patch_namespaced_config_map("whole", SPACE, patch), status=409)
patch = [{"op": "remove", "path": "/data/nothing"}]
expect_error(
    "patch that cannot be applied",
    UnprocessableEntityException,
    lambda: core.patch_namespaced_config_map("whole", SPACE, patch),
    status=422,
)
# The package checks required fields itself, unless a body is sent as it is.
def send_incomplete():
    url = f"{settings.host}/apis/apps/v1/namespaces/{SPACE}/deployments"
    body = {"metadata": {"name": "empty"}, "spec": {"replicas": 1}}
    response = core.api_client.call_api("POST", url, {"Content-Type": "application/json"}, body)
    response.read()
    core.api_client.response_deserialize(response, {"201": "V1Deployment"})


error = expect_error("missing selector", UnprocessableEntityException, send_incomplete, status=422)
expect("whether the message names the field", "selector" in json.loads(error.body)["message"], True)
print("kubernetes: all steps passed")
