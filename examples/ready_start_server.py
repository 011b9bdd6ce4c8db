"""A server of the Ready|size / Start wire (docs/ready-start.md) as a beginner writes it; no other module is needed.

usage: python3 ready_start_server.py PORT [ENCODING]
ENCODING is what the commands print (gbk on a Chinese Windows, say); replies are UTF-8. Port 0 takes a free one.
One client at a time, on this machine only, without a password: it is for trying things out.
"""

import socket
import subprocess
import sys

port = int(sys.argv[1])
encoding = sys.argv[2] if len(sys.argv) > 2 else 'utf-8'

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', port))
server.listen(5)
print('listening on 127.0.0.1:%d' % server.getsockname()[1], flush=True)

while True:
    connection, address = server.accept()
    try:
        while True:
            command = connection.recv(1024).decode('utf-8').strip()
            if not command or command == 'exit':
                break
            output = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
            reply = output.decode(encoding, 'replace').encode('utf-8') or b'cmd error'
            connection.send(('Ready|%d' % len(reply)).encode('utf-8'))
            if connection.recv(1024).startswith(b'Start'):
                connection.sendall(reply)
    except (OSError, UnicodeDecodeError) as error:
        print('%s: %s' % (address, error), file=sys.stderr)
    connection.close()
