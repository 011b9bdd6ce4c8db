import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import { readPort } from './values.ts';

/** The options of ssh for forwardings. */
export type ForwardLetter = 'L' | 'R' | 'D';

/** Where a forwarding listens; a host that was not given is null. */
export type ListenPlace = { readonly host: string | null; readonly port: number } | { readonly path: string };

/** A forwarding as ssh's options ask for it. */
export interface ForwardSpec {
  readonly letter: ForwardLetter;
  readonly from: ListenPlace;
  /** Null: where each SOCKS client asks for. */
  readonly to: SocketPlace | null;
}

/** The settings that hold the forwardings of each letter. */
export const FORWARD_SETTINGS = {
  L: 'localForward',
  R: 'remoteForward',
  D: 'dynamicForward',
} as const;

const NAMES: Readonly<Record<ForwardLetter, string>> = { L: 'local', R: 'remote', D: 'dynamic' };
const MOST_FIELDS = 4;

/**
 * Reads `[bind:]port:host:hostport`, `[bind:]port:path`, `path:host:hostport`, `path:path`, and for -D and -R `[bind:]port`,
 * as ssh does: a field in brackets is taken as it is, a backslash takes away the meaning of the next character.
 * @throws RexaError USAGE
 */
export function readForwardSpec(letter: ForwardLetter, text: string): ForwardSpec {
  const fields = splitFields(text);
  const spec = fields && readFields(letter, fields);
  if (spec) return spec;
  throw usageError(`Bad ${NAMES[letter]} forwarding specification ${quoteWord(text)}`);
}

/** Reads `host:port` of -W. @throws RexaError USAGE */
export function readStdioTarget(text: string): SocketPlace {
  const [host, port, ...others] = splitFields(text) ?? [];
  const place = host && port && others.length === 0 ? readPlace(host, port) : null;
  if (host?.isPath && port === undefined) return { path: host.text };
  if (place) return place;
  throw usageError(`Bad stdio forwarding specification ${quoteWord(text)}`);
}

interface Field {
  readonly text: string;
  readonly isPath: boolean;
}

/** Null: a bracket or a backslash that is left open, or too many fields. */
function splitFields(text: string): readonly Field[] | null {
  const fields: Field[] = [];
  let at = 0;
  while (at < text.length && fields.length < MOST_FIELDS) {
    const [whole, bracketed, plain = ''] =
      /^(?:\[([^\]]*)\](?=:|$)|((?!\[)(?:\\.|[^:\\])*))(?::|$)/s.exec(text.slice(at)) ?? [];
    if (whole === undefined) return null;
    const field = bracketed ?? plain.replaceAll(/\\(.)/gs, '$1');
    fields.push({ text: field, isPath: field.includes('/') });
    at += whole.length;
  }
  return at < text.length ? null : fields;
}

function readFields(letter: ForwardLetter, fields: readonly Field[]): ForwardSpec | null {
  const [first, second, third, fourth] = fields;
  if (first === undefined) return null;
  const listen = first.isPath
    ? { from: { path: first.text }, rest: fields.slice(1) }
    : readListen(letter, first, second, third, fourth);
  if (listen === null) return null;
  const { from, rest } = listen;
  const isSocks = rest.length === 0;
  if (isSocks !== (letter === 'D') && !(isSocks && letter === 'R')) return null;
  if (isSocks) return { letter, from, to: null };
  const to = readTarget(rest);
  return to && { letter, from, to };
}

/** A port, with a host before it where the number of fields says so. */
function readListen(
  letter: ForwardLetter,
  first: Field,
  second: Field | undefined,
  third: Field | undefined,
  fourth: Field | undefined,
): { readonly from: ListenPlace; readonly rest: readonly Field[] } | null {
  const rest = [second, third, fourth].filter((field) => field !== undefined);
  // `port:path` and `port:host:hostport`, in contrast to `bind:port`, `bind:port:path` and `bind:port:host:hostport`
  const hasHost = second !== undefined && !second.isPath && (third === undefined || third.isPath || !!fourth);
  const portField = hasHost ? second : first;
  const port = readListenPort(portField.text);
  if (port === null || (letter === 'D' && rest.length > (hasHost ? 1 : 0))) return null;
  return { from: { host: hasHost ? first.text : null, port }, rest: hasHost ? rest.slice(1) : rest };
}

function readTarget([host, port, ...others]: readonly Field[]): SocketPlace | null {
  if (host === undefined || others.length > 0) return null;
  if (port === undefined) return host.isPath ? { path: host.text } : null;
  return readPlace(host, port);
}

function readPlace(host: Field, port: Field): SocketPlace | null {
  const number = readPortOrNull(port.text);
  return number === null || host.text === '' ? null : { host: host.text, port: number };
}

/** 0: any. */
function readListenPort(text: string): number | null {
  return text === '0' ? 0 : readPortOrNull(text);
}

function readPortOrNull(text: string): number | null {
  try {
    return readPort(text);
  } catch {
    return null;
  }
}

/** Writes where a forwarding listens: `8080`, `[::1]:8080`, `/run/app.sock`. */
export function showListen(from: ListenPlace): string {
  if ('path' in from) return from.path;
  return from.host === null ? String(from.port) : showPlace({ host: from.host, port: from.port });
}

/** Writes a forwarding as `ssh -G` does, without its keyword. */
export function printSpec({ from, to, letter }: ForwardSpec): string {
  const listen =
    'path' in from ? from.path : from.host === null ? String(from.port) : `[${from.host}]:${from.port}`;
  if (letter === 'D') return listen;
  if (to === null) return `${listen} [socks]:0`;
  return `${listen} ${'path' in to ? to.path : `[${to.host}]:${to.port}`}`;
}
