import type { Socket } from 'node:net';

/** Up to this, a payload is copied behind its header: one small buffer is cheaper to write than two. */
const JOIN_BYTES = 2048;

/**
 * Writes a frame to a corked socket.
 * @param handleSent called with the payload once the system has taken it
 */
export function writeFrame(
  socket: Socket,
  [header, payload]: readonly [Uint8Array, Uint8Array],
  handleSent: ((payload: Uint8Array) => void) | null,
): void {
  if (payload.length > JOIN_BYTES) {
    socket.write(header);
    if (handleSent) socket.write(payload, () => handleSent(payload));
    else socket.write(payload);
    return;
  }
  const joined = Buffer.allocUnsafe(header.length + payload.length);
  joined.set(header);
  joined.set(payload, header.length);
  socket.write(joined);
  handleSent?.(payload);
}
