"""A chat server of plain lines (docs/talk.md) as a beginner writes it; no other module is needed.

usage: python3 talk_server.py PORT
Port 0 takes a free one. One room, on this machine only, without a password: it is for trying things out.
"""

import socket
import sys
import threading

server = socket.create_server(('127.0.0.1', int(sys.argv[1])))
print('listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)
members = {}
lock = threading.Lock()


def tell_all(line):
    for connection in list(members):
        try:
            connection.sendall((line + '\n').encode('utf-8'))
        except OSError:
            pass


def serve(connection, name):
    with lock:
        connection.sendall(('[server] you are %s\n' % name).encode('utf-8'))
        members[connection] = name
        tell_all('[%s] entered the room' % name)
    try:
        for line in connection.makefile(encoding='utf-8', newline='\n'):
            line = line.rstrip('\r\n')
            with lock:
                if line.startswith('/nick '):
                    old, members[connection] = members[connection], '~' + line[6:].strip().lstrip('~')
                    tell_all('[%s] is now %s' % (old, members[connection]))
                else:
                    tell_all('<%s> %s' % (members[connection], line))
    except (OSError, UnicodeDecodeError) as error:
        print('%s: %s' % (name, error), file=sys.stderr)
    with lock:
        tell_all('[%s] left' % members.pop(connection))
    connection.close()


number = 0
while True:
    peer, address = server.accept()
    number += 1
    threading.Thread(target=serve, args=(peer, '~peer-%d' % number), daemon=True).start()
