import { RexaError } from '../protocol/errors.ts';
import type { ConnectOptions } from './run-types.ts';

type Kind = 'boolean' | 'function' | 'number' | 'object' | 'string' | 'array' | 'null' | 'false';

/** Every option there is, and what it may be: one that is misspelled, or of another kind, must not be passed over. */
const KINDS: Readonly<Record<keyof ConnectOptions, readonly Kind[]>> = {
  acceptNew: ['boolean'],
  agent: ['string', 'null'],
  askHost: ['function'],
  caSignatureAlgorithms: ['array'],
  certificates: ['array'],
  config: ['string', 'false'],
  cwd: ['string'],
  env: ['object'],
  family: ['number'],
  globalKnownHosts: ['array'],
  handleStatus: ['function'],
  hashKnownHosts: ['boolean'],
  hostKeyAlgorithms: ['array'],
  hostKeyAlias: ['string'],
  identities: ['array'],
  identitiesOnly: ['boolean'],
  jump: ['string', 'array'],
  keepalive: ['number'],
  knownHosts: ['string', 'array', 'null'],
  log: ['function'],
  passphrase: ['string', 'function'],
  reconnectFor: ['number'],
  revokedHostKeys: ['array'],
  signal: ['object'],
  timeout: ['number'],
  updateHostKeys: ['boolean', 'function'],
  user: ['string'],
  warn: ['function'],
};

/** @throws RexaError USAGE */
export function checkConnectOptions(address: unknown, options: unknown): void {
  if (typeof address !== 'string' || address === '')
    throw new RexaError('USAGE', ['the address of a host is a text that is not empty']);
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new RexaError('USAGE', ['the options of connect are an object']);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(KINDS, name)) throw new RexaError('USAGE', [`connect has no option ${name}`]);
    const kinds = KINDS[name as keyof ConnectOptions];
    if (value !== undefined && !kindsOf(value).some((kind) => kinds.includes(kind)))
      throw new RexaError('USAGE', [
        `the option ${name} of connect is ${kinds.join(' or ')}, not ${String(value)}`,
      ]);
  }
  const { signal, family } = options as ConnectOptions;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new RexaError('USAGE', ['the option signal of connect is an AbortSignal']);
  if (family !== undefined && family !== 4 && family !== 6)
    throw new RexaError('USAGE', [`the option family of connect is 4 or 6, not ${String(family)}`]);
}

function kindsOf(value: unknown): Kind[] {
  if (value === null) return ['null'];
  if (value === false) return ['false', 'boolean'];
  if (Array.isArray(value)) return ['array'];
  return [typeof value as Kind];
}
