"""Tries two Spread daemons of one group: `check_server.py PATH HOST PORT`, a unix socket of the first
and the TCP address of the second. Prints one line for each thing tried; the exit code says the rest.
"""

import socket
import struct
import sys
import time

from spread_client import (
    AGREED, BIG, CAUSED_BY_DISCONNECT, CAUSED_BY_JOIN, CAUSED_BY_LEAVE, CAUSAL, FIFO, JOIN, KILL, LEAVE, LITTLE,
    REG_MEMB, RELIABLE, SAFE, SELF_DISCARD, TAG, UNRELIABLE, Client, Closed, Refused, name32,
)

PATH, HOST, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
FIRST, SECOND = PATH, (HOST, PORT)


def refused(where, user, **more):
    try:
        Client(where, user, **more)
    except Refused as refusal:
        return refusal.args[0]
    raise AssertionError("was let in")


def again(where, user, **more):
    """A name is taken for a moment after its session."""
    for _ in range(200):
        try:
            return Client(where, user, **more)
        except Refused as refusal:
            assert refusal.args[0] == -6, refusal
            time.sleep(0.01)
    raise AssertionError(f"{user} stays taken")


def check_handshake():
    alice = again(FIRST, "alice")
    assert alice.offered == ["NULL"], alice.offered
    assert alice.private == "#alice#n1" and alice.version == (4, 4, 0)
    assert refused(FIRST, "alice") == -6
    assert refused(FIRST, "a b") == -5
    assert refused(FIRST, "a#b") == -5
    assert refused(FIRST, "elevenchars") == -5
    assert refused(FIRST, "old", version=(3, 0, 0)) == -7
    assert refused(FIRST, "pass", methods=("PASSWORD",)) == -9
    assert again(SECOND, "alice", version=(9, 9, 9)).private == "#alice#n2"
    nobody = Client(FIRST, "")
    assert nobody.private.startswith("#r") and nobody.private.endswith("#n1"), nobody.private
    alice.disconnect()


def check_members(order):
    a, b = again(FIRST, "a", order=order), again(SECOND, "b")
    a.join("room")
    joined = a.receive()
    assert joined.type == REG_MEMB | CAUSED_BY_JOIN and joined.sender == "room", hex(joined.type)
    assert joined.groups == ["#a#n1"] and joined.membership()[1:] == ([["#a#n1"]], 0)
    b.join("room")
    seen = [client.receive() for client in (a, b)]
    assert [message.groups for message in seen] == [["#a#n1", "#b#n2"]] * 2
    assert seen[0].body == seen[1].body and len(seen[0].body) == 56
    assert seen[0].membership()[1] == [["#b#n2"]]
    assert seen[0].membership()[0] != joined.membership()[0], "another gid"
    for service in (UNRELIABLE, RELIABLE, FIFO, CAUSAL, AGREED, SAFE):
        a.multicast(service, "room", b"body", -7)
        for client in (a, b):
            message = client.receive()
            assert (message.type, message.sender, message.groups) == (service, "#a#n1", ["room"])
            assert (message.mess_type, message.body) == (-7, b"body")
            assert message.swapped == (client.order != order)
    a.multicast(AGREED | SELF_DISCARD, "room", b"others")
    a.multicast(AGREED, ["room", "#a#n1", "#b#n2", "empty"], b"one copy")
    assert b.receive().type == AGREED | SELF_DISCARD
    for client in (a, b):
        message = client.receive()
        assert message.body == b"one copy" and message.groups == ["room", "#a#n1", "#b#n2", "empty"]
    b.multicast(FIFO, "#a#n1", b"private")
    assert a.receive().body == b"private"
    a.multicast(AGREED, "room", bytes(100_000))
    assert a.receive().body == b.receive().body == bytes(100_000)
    a.leave("room")
    last = a.receive()
    assert (last.type, last.sender, last.groups, last.body) == (CAUSED_BY_LEAVE, "room", [], b"")
    left = b.receive()
    assert left.type == REG_MEMB | CAUSED_BY_LEAVE and left.groups == ["#b#n2"]
    a.join("room")
    a.receive(), b.receive()
    a.disconnect()
    gone = b.receive()
    assert gone.type == REG_MEMB | CAUSED_BY_DISCONNECT and gone.groups == ["#b#n2"]
    assert gone.membership()[1] == [["#a#n1"]]
    b.disconnect()


def check_order():
    a, b = again(FIRST, "a"), again(SECOND, "b", order=BIG)
    listeners = [again(FIRST, "l1", membership=False), again(SECOND, "l2", membership=False)]
    for listener in listeners:
        listener.join("order")
    # A message to themselves comes behind the join.
    for listener in listeners:
        listener.multicast(AGREED, listener.private, b"ready")
        assert listener.receive().body == b"ready"
    for number in range(300):
        for sender in (a, b):
            sender.multicast(AGREED, "order", b"%d" % number)
    heard = [[(m.sender, m.body) for m in (each.receive() for _ in range(600))] for each in listeners]
    assert heard[0] == heard[1], "one order for all"
    assert [body for sender, body in heard[0] if sender == "#a#n1"] == [b"%d" % n for n in range(300)]
    for client in (a, b, *listeners):
        client.disconnect()


def header(client, at, form, value):
    """A sound header in which one number is another one."""
    raw = bytearray(client.header(AGREED, 1, 0))
    struct.pack_into(client.order + form, raw, at, value)
    return bytes(raw) + name32("room")


def check_malformed():
    table = [(f"type {kind:#x}", lambda c, kind=kind: c.header(kind, 1, 0) + name32("room"))
             for kind in (0, 0x30, 0x3F, SELF_DISCARD, 0x1000, 0x100000, JOIN | LEAVE, JOIN | AGREED, 0x400010)]
    table += [
        ("half a tag in the type", lambda c: header(c, 0, "I", AGREED | 0x80)),
        ("half a tag in the hint", lambda c: header(c, 40, "I", 0x80)),
        ("bits in the hint", lambda c: header(c, 40, "I", c.tagged(1))),
        ("too many groups", lambda c: header(c, 36, "i", 101)),
        ("fewer groups than none", lambda c: header(c, 36, "i", -1)),
        ("too much data", lambda c: header(c, 44, "i", 143_952)),
        ("less data than none", lambda c: header(c, 44, "i", -1)),
        ("another sender", lambda c: c.header(AGREED, 1, 0, sender="#watch#n1") + name32("room")),
        ("no sender", lambda c: c.header(AGREED, 1, 0, sender="") + name32("room")),
        ("a sender without an end", lambda c: bytes(header(c, 0, "I", c.tagged(AGREED))[:4]) + b"x" * 32
            + c.header(AGREED, 1, 0)[36:] + name32("room")),
        ("a group without an end", lambda c: c.header(AGREED, 1, 0) + b"g" * 32),
        ("a group without a name", lambda c: c.header(AGREED, 1, 0) + bytes(32)),
        ("a group of other characters", lambda c: c.header(AGREED, 1, 0) + name32("a\nb")),
        ("to join two", lambda c: c.header(JOIN, 2, 0) + name32("a") + name32("b")),
        ("to join nothing", lambda c: c.header(JOIN, 0, 0)),
        ("to join a session", lambda c: c.header(JOIN, 1, 0) + name32("#watch#n1")),
        ("to kill another", lambda c: c.header(KILL, 1, 0) + name32("#watch#n1")),
    ]
    watch = again(FIRST, "watch")
    watch.join("room")
    watch.receive()
    for order in (LITTLE, BIG):
        for what, raw in table:
            bad = again(FIRST, "bad", order=order)
            bad.socket.sendall(raw(bad))
            try:
                bad.receive()
                raise AssertionError(f"{what}: was answered")
            except Closed:
                bad.socket.close()
            watch.multicast(AGREED, "room", what.encode())
            assert watch.receive().body == what.encode(), f"{what}: the others go on"
    watch.disconnect()


def check_bad_handshakes():
    for raw in (b"", b"\x04", b"\x00\x00", b"\x04\x04\x00\x00\xff", b"GET / HTTP/1.1\r\n\r\n", bytes(200)):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.settimeout(10)
        one.connect(PATH)
        one.sendall(raw)
        one.shutdown(socket.SHUT_WR)
        while one.recv(1000):
            pass
        one.close()


def main():
    check_handshake()
    print("handshake: names, versions, methods and their codes")
    for order in (LITTLE, BIG):
        check_members(order)
        print("members: joins, services, copies, leaves;", "big-endian" if order == BIG else "little-endian")
    check_order()
    print("order: the same at both daemons")
    check_malformed()
    print("malformed frames: each ends its own session alone")
    check_bad_handshakes()
    print("malformed handshakes: each ends")


main()
