"""Answers what hosts.py says as a resolver that others forward to: resolver.py ADDRESS PORT"""

import socket
import sys

import hosts
from nameserver import NameServer


def main():
    server = NameServer(hosts.table())
    server.socket.close()  # its port is drawn by lot; ours has to come back at the same
    server.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.socket.bind((sys.argv[1], int(sys.argv[2])))
    server.serve()


if __name__ == "__main__":
    main()
