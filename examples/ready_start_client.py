"""A client of the Ready|size / Start wire (docs/ready-start.md) as a beginner writes it; no other module is needed.

usage: python3 ready_start_client.py PORT [ENCODING] < COMMANDS
Runs the lines of its input, one after another, and prints their replies in ENCODING (UTF-8 unless given).
"""

import socket
import sys

port = int(sys.argv[1])
encoding = sys.argv[2] if len(sys.argv) > 2 else 'utf-8'

connection = socket.socket()
connection.connect(('127.0.0.1', port))

for line in sys.stdin.buffer:
    command = line.decode(encoding).strip()
    if not command:
        continue
    connection.send(command.encode('utf-8'))
    if command == 'exit':
        break
    ready = connection.recv(1024).decode('utf-8').strip()
    size = int(ready.split('|')[1])
    connection.send(b'Start')
    parts, received = [], 0
    while received < size:
        part = connection.recv(1024)
        if not part:
            sys.exit('the reply ended after %d of %d bytes' % (received, size))
        parts.append(part)
        received += len(part)
    sys.stdout.buffer.write(b''.join(parts).decode('utf-8').encode(encoding, 'replace'))
    sys.stdout.flush()

connection.close()
