#!/usr/bin/env python3
"""A whole client of the length-header wire, written from docs/protocol.md alone.

usage: peer.py SOCKET FILE [ARG...]     runs FILE on the daemon at SOCKET; stdin is empty
"""
import json, os, socket, struct, sys

HELLO, GOAWAY, PING, PONG, OPEN, MESSAGE, CLOSE, MORE = 1, 2, 3, 4, 0x10, 0x11, 0x12, 0x13
DATA, END, CREDIT, WINDOW, PIECE = 0x20, 0x30, 0x40, 256 * 1024, 256 * 1024

def main(path, argv):
    wire = socket.socket(socket.AF_UNIX)
    wire.connect(path)
    reader = wire.makefile('rb')
    send = lambda kind, channel, body: wire.sendall(struct.pack('>IBI', 5 + len(body), kind, channel) + body)

    def control(kind, channel, message):
        body = json.dumps(message).encode()
        while len(body) > PIECE:
            send(MORE, channel, body[:PIECE])
            body = body[PIECE:]
        send(kind, channel, body)

    control(HELLO, 0, {'protocol': [1, 1], 'agent': 'peer.py', 'features': []})
    control(OPEN, 1, {'service': 'run', 'id': f'peer-{os.getpid()}', 'command': {'argv': argv}})
    consumed = {0: 0, 1: 0}
    for stream in consumed:
        send(CREDIT + stream, 1, struct.pack('>Q', WINDOW))

    pieces = {0: b'', 1: b''}
    while header := reader.read(9):
        length, kind, channel = struct.unpack('>IBI', header)
        body, stream = reader.read(length - 5), kind & 15
        if kind == MORE:
            pieces[channel] += body
        elif kind == PING:
            send(PONG, 0, body)
        elif kind & 0xF0 == DATA:
            (sys.stdout, sys.stderr)[stream].buffer.write(body)
            consumed[stream] += len(body)
            send(CREDIT + stream, 1, struct.pack('>Q', consumed[stream] + WINDOW))
        elif kind in (HELLO, MESSAGE, CLOSE, GOAWAY):
            message, pieces[channel] = json.loads(pieces[channel] + body), b''
            if kind in (CLOSE, GOAWAY):
                control(GOAWAY, 0, {})
                return message
    sys.exit('lost: the connection ended without an outcome; the command may or may not have run')

if __name__ == '__main__':
    last = main(sys.argv[1], sys.argv[2:])
    outcome = last.get('outcome') or sys.exit(f'refused: {last}')
    sys.stdout.flush()
    sys.exit(outcome['exitCode'] if outcome['name'] == 'exited' else f'{outcome}')
