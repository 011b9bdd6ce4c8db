#!/usr/bin/env python3
"""Uploads a file over the length-header wire, written from docs/protocol.md alone. Exit status 0: the daemon has
verified the hash of the whole file and renamed it to PATH.

usage: upload.py SOCKET FILE PATH     copies FILE to PATH on the host of the daemon at SOCKET
"""
import hashlib, json, os, socket, struct, sys

HELLO, GOAWAY, PING, PONG, OPEN, CLOSE, DATA, CREDIT = 1, 2, 3, 4, 0x10, 0x12, 0x20, 0x40
WINDOW, PIECE = 256 * 1024, 64 * 1024
sent, credit, answers, last, sha256, size = 0, 0, b'', None, hashlib.sha256(), 0

def send(kind, channel, body):
    wire.sendall(struct.pack('>IBI', 5 + len(body), kind, channel) + body)

def read(length):
    data = reader.read(length)
    return data if len(data) == length else sys.exit('lost: the connection ended before the file was acknowledged')

def receive():
    """Handles one frame of the daemon: credit, a part of its answers, or the end."""
    global credit, answers, last
    length, kind, channel = struct.unpack('>IBI', read(9))
    body = read(length - 5)
    if kind == PING:
        send(PONG, 0, body)
    elif kind == CREDIT:
        credit = max(credit, struct.unpack('>Q', body)[0])
    elif kind == DATA:
        answers += body
        send(CREDIT, 1, struct.pack('>Q', len(answers) + WINDOW))
    elif kind in (CLOSE, GOAWAY):
        last = json.loads(body)

def record(header, data=b''):
    """Sends a record, no more of it at a time than the daemon has granted."""
    global sent
    body = struct.pack('>II', len(header), len(data)) + header + data
    while body and last is None:
        piece, body = body[:credit - sent], body[credit - sent:]
        send(DATA, 1, piece) if piece else receive()
        sent += len(piece)

def message(**fields):
    return json.dumps(fields).encode()

path, source, target = sys.argv[1:]
wire, stat = socket.socket(socket.AF_UNIX), os.stat(source)
wire.connect(path)
reader = wire.makefile('rb')
send(HELLO, 0, message(protocol=[1, 1], agent='upload.py', features=[]))
send(OPEN, 1, message(service='write-files', path=target))
send(CREDIT, 1, struct.pack('>Q', WINDOW))
record(message(type='file', id=0, name=os.path.basename(source), mode=stat.st_mode & 0o7777, size=stat.st_size,
               mtime=str(stat.st_mtime_ns), uid=stat.st_uid, gid=stat.st_gid))
with open(source, 'rb') as file:
    while data := file.read(PIECE):
        sha256.update(data)
        size += len(data)
        record(b'', data)
record(message(type='end', sha256=sha256.hexdigest(), size=size))
record(message(type='finish'))
while last is None:
    receive()
results = []
while answers:
    length = struct.unpack('>I', answers[:4])[0]
    results.append(json.loads(answers[8:8 + length]))
    answers = answers[8 + length:]
failed = [each for result in results for each in result.get('failed', [])]
if 'error' in last or failed or {'type': 'finished'} not in results:
    sys.exit(f"refused: {last['error']['message']}" if 'error' in last else f'failed: {failed}')
print(f'{target}: {size} bytes, sha256 {sha256.hexdigest()}')
