#!/usr/bin/env python3
"""wackatrl, written from the description of the control socket only: wackatrl.py SOCKET -l|-f|-s

It asks as the original does: -f and -s are one byte each, answered by four, and then the state is
asked for on the same connection. What it prints has the original's shape.
"""
import socket
import struct
import sys

COMMANDS = {"-l": None, "-f": 1, "-s": 2}
RECORD = struct.Struct("!16s4s4s4s")
RECORDS = 32


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            sys.exit("Error on read.")
        data += chunk
    return data


def prefix_length(mask):
    return bin(int.from_bytes(mask, "big")).count("1")


def main():
    path, option = sys.argv[1:]
    command = COMMANDS[option]
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(path)
    if command is not None:
        connection.sendall(bytes([command]))
        (result,) = struct.unpack("!i", read_exactly(connection, 4))
        if result != 0:
            sys.exit(f"it failed: {result}")
    connection.sendall(b"\0")
    (length,) = struct.unpack("!I", read_exactly(connection, 4))
    state = read_exactly(connection, length)
    size = 4 + RECORDS * RECORD.size
    for start in range(0, length, size):
        records = [RECORD.unpack_from(state, start + 4 + n * RECORD.size) for n in range(RECORDS)]
        owner = records[0][1]
        print("Owner:", socket.inet_ntoa(owner) if any(owner) else "not acquired")
        for number, (name, address, _, mask) in enumerate(records[1:]):
            if not any(address):
                break
            mark = "*  " if number == 0 else " ->"
            where = name.rstrip(b"\0").decode()
            print(f"\t{mark} {where:>5}:{socket.inet_ntoa(address)}/{prefix_length(mask)}")


main()
