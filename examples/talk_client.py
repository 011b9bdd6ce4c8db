"""A chat client of plain lines (docs/talk.md) as a beginner writes it; no other module is needed.

usage: python3 talk_client.py PORT [NAME]
Sends the lines of its input, and prints what the server sends until it closes the connection.
"""

import socket
import sys
import threading

connection = socket.create_connection(('127.0.0.1', int(sys.argv[1])))


def show():
    for line in connection.makefile(encoding='utf-8', newline='\n'):
        print(line, end='', flush=True)


reader = threading.Thread(target=show)
reader.start()
if len(sys.argv) > 2:
    connection.sendall(('/nick %s\n' % sys.argv[2]).encode('utf-8'))
for line in sys.stdin:
    connection.sendall(line.encode('utf-8'))
connection.shutdown(socket.SHUT_WR)
reader.join()
