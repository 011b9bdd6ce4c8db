import * as v from 'valibot';

/** Maximum of a host name, as in `permitopen=`. */
const MAX_HOST_CHARACTERS = 1024;
/** Maximum of a path; systems have lower ones. */
const MAX_PATH_CHARACTERS = 4096;

const withoutNul = v.check((text: string) => !text.includes('\0'), 'it has a NUL');

/**
 * The schema of a TCP port and host, or of the path of a Unix socket.
 * @internal
 */
export const socketPlaceSchema = v.union([
  v.object({
    host: v.pipe(v.string(), v.maxLength(MAX_HOST_CHARACTERS), withoutNul),
    port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  }),
  v.object({
    path: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATH_CHARACTERS), withoutNul),
  }),
]);

/** Where a socket listens, or connects to: an IPv6 address has no brackets. */
export type SocketPlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** Formats a place for messages: `db:5432`, `[::1]:80`, `/run/app.sock`. */
export function showPlace(place: SocketPlace): string {
  if ('path' in place) return place.path;
  return place.host.includes(':') ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`;
}
