"""A site that outlives a machine: three Galera nodes, one killed while people allocate."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from data.engine import open_engine
from data.schema import SchemaState, state, upgrade
from preorder_tui.errors import Unreachable
from preorder_tui.opening import open_database
from tests import galera_cluster
from tests.conftest import empty_mariadb
from tests.galera_cluster import JOIN_SECONDS, Cluster, wsrep
from tests.mariadb_server import MariaDb, server_folder
from tests.preorder_tui.clerks import a_hot_book, assert_nothing_lost_or_doubled, at_work

CLERKS = 3
PATIENCE_SECONDS = 120.0
"""Longer than a busy machine takes to give a node up: how fast that is, is not what is tested."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Three nodes, synced, with an empty schema."""
    if not galera_cluster.available():
        pytest.skip(galera_cluster.MISSING)
    folder = server_folder("galera")
    nodes = Cluster(folder)
    try:
        nodes.start()
        nodes.nodes[0].make_database("desk")
        engine = open_engine(nodes.url("desk"))
        upgrade(engine)
        engine.dispose()
        yield nodes
    finally:
        nodes.stop()
        shutil.rmtree(folder, ignore_errors=True)


def node_used_by(engine: Engine) -> int:
    """The port of the node that an engine works with."""
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT @@port").scalar_one())


def until_of_size(node: MariaDb, size: int) -> None:
    """Wait until a node counts so many nodes in its cluster."""
    deadline = time.monotonic() + JOIN_SECONDS
    while wsrep(node)["wsrep_cluster_size"] != str(size):
        assert time.monotonic() < deadline, node.last_words()
        time.sleep(0.1)


@pytest.mark.timeout(900)
@pytest.mark.xdist_group("galera")
def test_a_node_is_killed_while_people_allocate(cluster: Cluster) -> None:
    first, second, third = cluster.nodes
    engine = open_engine(cluster.url("desk"))
    a_hot_book(engine, CLERKS)
    assert node_used_by(engine) == first.port  # hosts are tried in their order
    with at_work(cluster.url("desk"), CLERKS, PATIENCE_SECONDS) as shift:
        shift.until_each_has_made(20)
        first.kill()
        shift.until_each_has_made(20)
        days = shift.days()
    assert all(day.done for day in days)
    assert not any(day.unreachable for day in days)  # another node took over: nobody was told
    until_of_size(second, 2)
    assert node_used_by(engine) == second.port
    assert_nothing_lost_or_doubled(engine, days)

    first.start()  # the killed node comes back, and has what was done without it
    cluster.wait_until_synced(first)
    until_of_size(third, 3)
    assert node_used_by(engine) == second.port  # who has moved stays where it is
    engine.dispose()
    rejoined = open_engine(first.url("desk", by_port=True))
    assert state(rejoined) is SchemaState.READY
    assert_nothing_lost_or_doubled(rejoined, days)
    rejoined.dispose()


@pytest.mark.timeout(900)
@pytest.mark.xdist_group("galera")
def test_a_node_without_the_majority_is_not_worked_with(cluster: Cluster) -> None:
    _, second, third = cluster.nodes
    for node in cluster.nodes:
        cluster.wait_until_synced(node)
    # A node that is cut off from the others says that it is not ready: the next host is taken.
    second.run("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")
    deadline = time.monotonic() + JOIN_SECONDS
    while wsrep(second)["wsrep_ready"] == "ON":
        assert time.monotonic() < deadline, second.last_words()
        time.sleep(0.1)
    url = (
        f"mariadb://root@/desk?host=127.0.0.1:{second.port}&host=127.0.0.1:{third.port}"
        f"&connect_timeout=60"
    )
    engine = open_engine(url)
    assert node_used_by(engine) == third.port
    engine.dispose()
    with pytest.raises(Unreachable, match=r"no host can be used.*not ready"):
        open_database(f"mariadb://root@/desk?host=127.0.0.1:{second.port}")
    second.run("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'")
    cluster.wait_until_synced(second)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.xdist_group("galera")
def test_one_node_after_the_other_is_killed(cluster: Cluster) -> None:
    engine = open_engine(cluster.url("desk"))
    empty_mariadb(cluster.url("desk"))
    a_hot_book(engine, CLERKS)
    rounds = 6
    with at_work(cluster.url("desk"), CLERKS) as shift:
        for number in range(rounds):
            time.sleep(2.0)
            node = cluster.nodes[number % 3]
            node.kill()
            time.sleep(2.0)
            node.start()
            cluster.wait_until_synced(node)
        days = shift.days()
    # A node that brings another up to date takes no changes meanwhile: on a slow machine a clerk is
    # told so and does it again. Nothing may be lost by that, nor done twice.
    assert_nothing_lost_or_doubled(engine, days)
    engine.dispose()
    for node in cluster.nodes:
        one = open_engine(node.url("desk", by_port=True))
        assert_nothing_lost_or_doubled(one, days)
        one.dispose()
