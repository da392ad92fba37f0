"""The Kubernetes manifests: valid, restricted, and of one mind with compose, settings and CLI."""

import kubernetes_validate
import pytest
import yaml

from shared.runtime.settings import PREFIX, Settings
from tests.support.deployment import COMPOSE, HEALTH_PORTS, SERVICES
from tests.support.process import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
SECRET = yaml.safe_load((FOLDER / "secret.example.yaml").read_text())
ALL = [
    document
    for name in KUSTOMIZATION["resources"]
    for document in yaml.safe_load_all((FOLDER / name).read_text())
]
PODS = {
    one["metadata"]["name"]: one["spec"]["template"]["spec"]
    for one in ALL
    if one["kind"] in {"Deployment", "StatefulSet", "Job"}
}
CONTAINERS = {name: pod["containers"][0] for name, pod in PODS.items()}


@pytest.mark.parametrize("manifest", [*ALL, SECRET], ids=lambda one: one["metadata"]["name"])
@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_every_manifest_fits_the_published_schema(manifest, version):
    kubernetes_validate.validate(manifest, version, strict=True)


def test_every_file_is_part_of_it_but_the_example_of_a_secret():
    files = {path.name for path in FOLDER.iterdir()}
    assert files == {*KUSTOMIZATION["resources"], "kustomization.yaml", "secret.example.yaml"}


def test_the_same_processes_run_as_in_compose():
    assert set(CONTAINERS) == {"migrate", "topics", *SERVICES}
    for name, container in CONTAINERS.items():
        assert container["args"][0] == COMPOSE[name]["command"][0], name


def test_every_pod_passes_the_restricted_standard_and_writes_only_what_is_forgotten():
    for name, pod in PODS.items():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        within = CONTAINERS[name]["securityContext"]
        assert within["readOnlyRootFilesystem"] is True, name
        assert within["allowPrivilegeEscalation"] is False, name
        assert within["capabilities"] == {"drop": ["ALL"]}, name
        assert all("emptyDir" in volume for volume in pod["volumes"]), name


def test_each_service_is_asked_for_its_health_on_its_own_port():
    for name in SERVICES:
        (port,) = CONTAINERS[name]["ports"]
        assert port["containerPort"] == int(HEALTH_PORTS[name])
        for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            asked = CONTAINERS[name][probe]["httpGet"]
            assert asked == {"path": path, "port": port["name"]}, name


def test_every_variable_is_a_setting_and_every_secret_is_in_the_example():
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    (shared,) = [one["data"] for one in ALL if one["kind"] == "ConfigMap"]
    given = [each for one in CONTAINERS.values() for each in one.get("env", [])]
    assert set(shared) | {each["name"] for each in given} <= known
    secret = [each["valueFrom"]["secretKeyRef"] for each in given if each["name"].endswith("_URL")]
    assert {each["key"] for each in secret} == set(SECRET["stringData"])
    assert {each["name"] for each in secret} == {SECRET["metadata"]["name"]}
    assert not any(SECRET["stringData"].values())


def test_members_of_the_consumer_group_come_back_under_their_names():
    (ingest,) = [one for one in ALL if one["kind"] == "StatefulSet"]
    assert ingest["metadata"]["name"] == "ingest"
    names = {one["name"]: one["valueFrom"] for one in CONTAINERS["ingest"]["env"]}
    assert names["LEADLINE_KAFKA_INSTANCE_ID"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_what_selects_pods_selects_some():
    labels = {one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
              for one in ALL if one["kind"] in {"Deployment", "StatefulSet", "Job"}}  # fmt: skip
    for one in ALL:
        if one["kind"] == "Service":
            assert one["spec"]["selector"]["app.kubernetes.io/name"] in labels
        if one["kind"] == "PodDisruptionBudget":
            assert one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] in labels
