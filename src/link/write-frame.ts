import type { Socket } from 'node:net';

/** Up to this, a payload is copied behind its header: one small buffer is cheaper to write than two. */
const JOIN_BYTES = 2048;

/** Writes a frame to a corked socket. */
export function writeFrame(socket: Socket, [header, payload]: readonly [Uint8Array, Uint8Array]): void {
  if (payload.length > JOIN_BYTES) {
    socket.write(header);
    socket.write(payload);
    return;
  }
  const joined = Buffer.allocUnsafe(header.length + payload.length);
  joined.set(header);
  joined.set(payload, header.length);
  socket.write(joined);
}
