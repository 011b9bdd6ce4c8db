import { RexaError } from '../protocol/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Service } from '../services/service.ts';
import { parseListenAddress } from '../transports/listen-address.ts';
import { RESERVED_NAMES } from './reserved-names.ts';

/** Who may log in over `tls://`: OpenSSH's files, with OpenSSH's rules for them. */
export interface OpenSshKeys {
  /** One `authorized_keys` file, or several in the order in which they are read. */
  readonly authorizedKeys: string | readonly string[];
  /** Revoked keys, as text or as a list of `ssh-keygen -k`. */
  readonly revokedKeys?: string;
}

/** What an embedded daemon can do for its clients. */
export type ServiceName = 'run' | 'jobs' | 'forward' | 'files' | 'talk' | 'status';

/** Options of `serve`. */
export interface ServeOptions {
  /**
   * Addresses as for `rexad --listen`: `unix:PATH`, `tls://HOST:PORT` (port 0 takes a free one), `ready://…`,
   * `talk://…`, `local`.
   * Default: a Unix socket in a new folder under the system's temporary one, which is removed at the end.
   */
  readonly listen?: string | readonly string[];
  /** Needed for `tls://`. A client on a Unix socket is authenticated by the system: only the user of this process is served. */
  readonly authenticator?: OpenSshKeys;
  /** Default: `run` and `status`. `jobs` uses the job supervisor of this user, which outlives this process; `forward` connects
   * and listens for clients; `files` reads and writes files for them; `talk` has rooms. Others are made by `makeService`. */
  readonly services?: readonly (ServiceName | Service)[];
  /** The private key file of this host for `tls://`, made if it is missing. Default: a new key in memory. */
  readonly hostKey?: string;
  /** An OpenSSH certificate of that key, which clients verify by `@cert-authority`. Default: none. */
  readonly hostCertificate?: string;
  /** Receives what rexad would log. Default: nothing is logged. */
  readonly log?: Log;
  /** A file to which one line of JSON is appended for each decision and each command. Default: the log gets them. */
  readonly audit?: string;
  /** The encoding that programs of this host write: `utf8`, `gbk` … Default: the locale's. */
  readonly encoding?: string;
  /** How many milliseconds to keep what runs for a client that lost its connection. */
  readonly resumeFor?: number;
  /** Lets root listen on every other address than its Unix socket. Default: false. */
  readonly allowRoot?: boolean;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isTextOrList: Check = (value) => isText(value) || (isList(value) && value.every(isText));
const SERVICES = [
  'run',
  'jobs',
  'forward',
  'files',
  'talk',
  'status',
] as const satisfies readonly ServiceName[];

/** Every option there is, whether a value is one for it, and what it is in words. */
const OPTIONS: Readonly<Record<keyof ServeOptions, readonly [check: Check, what: string]>> = {
  listen: [isTextOrList, 'an address, or a list of at least one'],
  authenticator: [isAuthenticator, '{ authorizedKeys: file or files, revokedKeys?: file }'],
  services: [
    isServiceList,
    `a list of ${SERVICES.join(', ')} and services of makeService, with run and status in it`,
  ],
  hostKey: [isText, 'the name of a file'],
  hostCertificate: [isText, 'the name of a file'],
  log: [isLog, 'an object with the functions info, warn and error'],
  audit: [isText, 'the name of a file'],
  encoding: [isText, 'the name of an encoding'],
  resumeFor: [(value) => Number.isFinite(value) && Number(value) >= 0, 'a number of milliseconds'],
  allowRoot: [(value) => typeof value === 'boolean', 'true or false'],
};

/**
 * Refuses what types cannot keep out: an option that is misspelled, or has a wrong value.
 * @returns the addresses to listen on; none: the default
 * @throws RexaError USAGE
 */
export function checkServeOptions(options: ServeOptions): readonly string[] {
  if (typeof options !== 'object' || options === null) throw usage('the options of serve are an object');
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw usage(`serve has no option ${name}`);
    const [check, what] = OPTIONS[name as keyof ServeOptions];
    if (value !== undefined && !check(value))
      throw usage(`the option ${name} of serve is ${what}, not ${show(value)}`);
  }
  refuseTwins(options.services?.filter(isService) ?? []);
  const addresses = [options.listen ?? []].flat();
  const needsKeys = addresses.some((address) => parseListenAddress(address).kind === 'tls');
  if (needsKeys && options.authenticator === undefined)
    throw usage('to listen on tls://, serve needs the option authenticator: who may log in');
  return addresses;
}

/** @throws RexaError USAGE */
function refuseTwins(services: readonly Service[]): void {
  const names = [...RESERVED_NAMES, ...services.map(({ name }) => name)];
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw usage(`two services have the name ${twin}`);
}

function isAuthenticator(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { authorizedKeys, revokedKeys, ...others } = value;
  const isRight = isTextOrList(authorizedKeys) && (revokedKeys === undefined || isText(revokedKeys));
  return isRight && Object.keys(others).length === 0;
}

function isServiceList(value: unknown): boolean {
  const isKnown = (each: unknown): boolean =>
    SERVICES.some((known) => known === each) || isService(each as ServiceName | Service);
  return isList(value) && value.every(isKnown) && value.includes('run') && value.includes('status');
}

/** Tells a service of the embedding program from the name of one of ours. */
export function isService(value: ServiceName | Service): value is Service {
  return isRecord(value) && isText(value['name']) && typeof value['open'] === 'function';
}

function isLog(value: unknown): boolean {
  return isRecord(value) && ['info', 'warn', 'error'].every((name) => typeof value[name] === 'function');
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : `another ${typeof value}`;
}

function usage(text: string): RexaError {
  return new RexaError('USAGE', [text]);
}
