#!/usr/bin/env python3
"""Uploads a file over the length-header wire, written from docs/protocol.md alone. Exit status 0: the daemon has
verified the hash of the whole file and renamed it to PATH.

usage: upload.py SOCKET FILE PATH     copies FILE to PATH on the host of the daemon at SOCKET
"""
import hashlib, json, os, socket, struct, sys

HELLO, GOAWAY, PING, PONG, OPEN, CLOSE, MORE = 1, 2, 3, 4, 0x10, 0x12, 0x13
DATA, END, CREDIT, WINDOW, PIECE = 0x20, 0x30, 0x40, 256 * 1024, 64 * 1024

class Upload:
    def __init__(self, path, target):
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.connect(path)
        self.reader = self.wire.makefile('rb')
        self.sent, self.credit, self.answers, self.last = 0, 0, b'', None
        self.control(HELLO, 0, {'protocol': [1, 1], 'agent': 'upload.py', 'features': []})
        self.control(OPEN, 1, {'service': 'write-files', 'path': target})
        self.send(CREDIT, 1, struct.pack('>Q', WINDOW))

    def send(self, kind, channel, body):
        self.wire.sendall(struct.pack('>IBI', 5 + len(body), kind, channel) + body)

    def control(self, kind, channel, message):
        self.send(kind, channel, json.dumps(message).encode())

    def record(self, header, data=b''):
        """Sends a record; no more than the daemon has granted."""
        text = json.dumps(header).encode() if header else b''
        body = struct.pack('>II', len(text), len(data)) + text + data
        while body and self.last is None:
            if self.sent == self.credit:
                self.receive()
                continue
            piece = body[:min(PIECE, self.credit - self.sent)]
            self.send(DATA, 1, piece)
            self.sent, body = self.sent + len(piece), body[len(piece):]

    def receive(self):
        header = self.reader.read(9)
        if not header:
            sys.exit('lost: the connection ended before the file was acknowledged')
        length, kind, channel = struct.unpack('>IBI', header)
        body = self.reader.read(length - 5)
        if kind == PING:
            self.send(PONG, 0, body)
        elif kind == CREDIT:
            self.credit = max(self.credit, struct.unpack('>Q', body)[0])
        elif kind == DATA:
            self.answers += body
            self.send(CREDIT, 1, struct.pack('>Q', len(self.answers) + WINDOW))
        elif kind in (CLOSE, GOAWAY):
            self.last = json.loads(body)

def upload(path, source, target):
    wire, sha256, stat = Upload(path, target), hashlib.sha256(), os.stat(source)
    wire.record({'type': 'file', 'id': 0, 'name': os.path.basename(source), 'mode': stat.st_mode & 0o7777,
                 'mtime': str(stat.st_mtime_ns), 'uid': stat.st_uid, 'gid': stat.st_gid, 'size': stat.st_size})
    size = 0
    with open(source, 'rb') as file:
        while data := file.read(PIECE):
            sha256.update(data)
            size += len(data)
            wire.record(None, data)
    wire.record({'type': 'end', 'sha256': sha256.hexdigest(), 'size': size})
    wire.record({'type': 'finish'})
    while wire.last is None:
        wire.receive()
    if 'error' in wire.last:
        sys.exit(f"refused: {wire.last['error']['message']}")
    records, answers = [], wire.answers
    while answers:
        length = struct.unpack('>I', answers[:4])[0]
        records.append(json.loads(answers[8:8 + length]))
        answers = answers[8 + length:]
    failed = [each for record in records for each in record.get('failed', [])]
    if failed or {'type': 'finished'} not in records:
        sys.exit(f'failed: {failed}')
    print(f'{target}: {size} bytes, sha256 {sha256.hexdigest()}')

if __name__ == '__main__':
    upload(*sys.argv[1:4])
