"""A client of the Spread protocol, written from its description alone, with nothing but Python.

It shares no code and no types with the daemon it is tried against. Frames are written in either byte
order, as a machine of that order would; what is received is read in the order its tag says.
"""

import socket
import struct

UNRELIABLE, RELIABLE, FIFO, CAUSAL, AGREED, SAFE = 1, 2, 4, 8, 0x10, 0x20
SELF_DISCARD = 0x40
CAUSED_BY_JOIN, CAUSED_BY_LEAVE, CAUSED_BY_DISCONNECT, CAUSED_BY_NETWORK = 0x100, 0x200, 0x400, 0x800
REG_MEMB, TRANSITION = 0x1000, 0x2000
JOIN, LEAVE, KILL = 0x10000, 0x20000, 0x40000
REJECT = 0x400000
TAG = 0x80000080
LITTLE, BIG = "<", ">"


class Refused(Exception):
    """The daemon's code, below 0."""


class Closed(Exception):
    """The daemon has closed the session."""


def name32(name):
    raw = name.encode("ascii")
    assert len(raw) < 32
    return raw + bytes(32 - len(raw))


def text(raw):
    return raw.split(b"\0", 1)[0].decode("ascii")


class Message:
    def __init__(self, kind, sender, groups, mess_type, swapped, body, order, old):
        self.type, self.sender, self.groups = kind, sender, groups
        self.mess_type, self.swapped, self.body = mess_type, swapped, body
        self.order, self.old = order, old

    def membership(self):
        """(gid, sets, index of our own set)"""
        gid = struct.unpack_from(self.order + "3i", self.body, 0)
        count, mine = struct.unpack_from(self.order + "2I", self.body, 12)
        at, sets, own = 20, [], None
        for index in range(count):
            if at == 20 + mine:
                own = index
            (size,) = struct.unpack_from(self.order + "I", self.body, at)
            at += 4
            sets.append([text(self.body[at + 32 * i : at + 32 * i + 32]) for i in range(size)])
            at += 32 * size
        assert at == len(self.body), "nothing is left over"
        assert own is not None, "one of the sets is ours"
        return gid, sets, own


class Client:
    def __init__(self, where, user, membership=True, order=LITTLE, version=(4, 4, 0), methods=("NULL",)):
        """where: a path, or (host, port)"""
        family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(where)
        self.order = order
        self.private = None
        try:
            self.handshake(user, membership, version, methods)
        except (Refused, Closed):
            self.socket.close()
            raise

    def handshake(self, user, membership, version, methods):
        raw = user.encode("latin-1")
        self.socket.sendall(bytes(version) + bytes([1 if membership else 0, len(raw)]) + raw)
        size = self.code()
        self.offered = self.exactly(size).decode("ascii").split()
        choice = b"".join(method.encode("ascii").ljust(30, b"\0") for method in methods)
        self.socket.sendall(choice.ljust(90, b"\0"))
        assert self.code() == 1
        self.version = tuple(self.exactly(3))
        self.private = self.exactly(self.exactly(1)[0]).decode("ascii")

    def code(self):
        (value,) = struct.unpack("b", self.exactly(1))
        if value < 0:
            raise Refused(value)
        return value

    def exactly(self, count):
        parts = []
        while count > 0:
            try:
                part = self.socket.recv(count)
            except ConnectionResetError:
                part = b""
            if not part:
                raise Closed()
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def tagged(self, value):
        return value | TAG if self.order == LITTLE else value

    def header(self, kind, groups, size, mess_type=0, sender=None):
        hint = (mess_type & 0xFFFF) << 8
        return (
            struct.pack(self.order + "I", self.tagged(kind))
            + name32(self.private if sender is None else sender)
            + struct.pack(self.order + "iIi", groups, self.tagged(hint), size)
        )

    def send(self, kind, groups, body=b"", mess_type=0):
        names = b"".join(name32(group) for group in groups)
        self.socket.sendall(self.header(kind, len(groups), len(body), mess_type) + names + body)

    def join(self, group):
        self.send(JOIN, [group])

    def leave(self, group):
        self.send(LEAVE, [group])

    def multicast(self, service, groups, body, mess_type=0):
        self.send(service, [groups] if isinstance(groups, str) else groups, body, mess_type)

    def disconnect(self):
        self.send(KILL, [self.private])
        self.socket.close()

    def receive(self):
        head = self.exactly(48)
        (probe,) = struct.unpack_from("<I", head, 0)
        order = LITTLE if probe & TAG == TAG else BIG
        (kind,) = struct.unpack_from(order + "I", head, 0)
        kind &= ~TAG
        count, _, size = struct.unpack_from(order + "iIi", head, 36)
        (probe,) = struct.unpack_from("<I", head, 40)
        writer = LITTLE if probe & TAG == TAG else BIG
        (hint,) = struct.unpack_from(writer + "I", head, 40)
        hint &= ~TAG
        assert hint & ~0x00FFFF00 == 0, "only the type is in the hint"
        mess_type = hint >> 8
        mess_type -= 0x10000 if mess_type >= 0x8000 else 0
        old = None
        if kind & REJECT:
            (old,) = struct.unpack(order + "I", self.exactly(4))
        names = [text(self.exactly(32)) for _ in range(count)]
        body = self.exactly(size)
        return Message(kind, text(head[4:36]), names, mess_type, writer != self.order, body, order, old)
