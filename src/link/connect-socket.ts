import net from 'node:net';

/** What reads share: so much memory is made at once. */
const SLAB_BYTES = 256 * 1024;
/** The least that one read gets: what is left of a slab below that is not used. */
const LEAST_READ_BYTES = 128 * 1024;

/**
 * Connects like `net.connect`, and reads in larger pieces: one behind the other into slabs, so that a frame that
 * straddles two reads still lies in one piece. Each `data` event has memory of its own, which nobody writes to again.
 * @returns a paused socket: nothing is read before the link resumes it
 */
export function connectSocket(options: net.IpcNetConnectOpts | net.TcpNetConnectOpts): net.Socket {
  let slab = Buffer.alloc(0);
  let used = 0;
  const socket: net.Socket = net.connect({
    ...options,
    onread: {
      buffer() {
        if (slab.length - used < LEAST_READ_BYTES) {
          slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
          used = 0;
        }
        return slab.subarray(used);
      },
      callback(length) {
        const start = used;
        used += length;
        socket.emit('data', slab.subarray(start, used));
        return true;
      },
    },
  });
  return socket.pause();
}
