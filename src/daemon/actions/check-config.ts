import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { openAuthorizedKeys } from '../../auth/authorized-keys.ts';
import { type AuthorizedLine, parseAuthorizedKeys } from '../../auth/authorized-line.ts';
import { readGuardedFile } from '../../auth/guarded-file.ts';
import { formatHostAddress } from '../../auth/host-address.ts';
import { findHostKey } from '../../auth/host-key.ts';
import { findLoginObstacle } from '../../auth/login-obstacle.ts';
import { readOwnCertificate } from '../../auth/own-certificate.ts';
import { answerProbe } from '../../auth/probe.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { checkWritable } from '../../places/check-writable.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { hostKeyPlace } from '../../places/login-files.ts';
import { checkSocketFolder, checkSocketPath } from '../../process/unix-socket.ts';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES, PROBE_NONCE_BYTES } from '../../protocol/limits.ts';
import { loopbackAddresses } from '../../protocol/loopback.ts';
import { resolveEncoding } from '../../transcode/encoding.ts';
import { type ListenAddress, parseListenAddress, showUdpAddress } from '../../transports/listen-address.ts';
import { formatTlsAddress } from '../../transports/tls-address.ts';
import { checkHostKeyCount } from '../listen/host-identity.ts';
import { readReadyOptions } from '../listen/listen-ready.ts';
import type { LoginFiles } from '../listen/listener.ts';
import { cannotListen } from '../listen/refuse-listening.ts';
import { openUdpSockets } from '../listen/udp-sockets.ts';
import type { DaemonOptions } from '../options.ts';
import { refuseRoot } from '../refuse-root.ts';
import { printRows, say } from './say.ts';

type Row = readonly [name: string, value: string];

/** A check: what it finds, and what is wrong although a daemon would start. @throws RexaError why none would start */
type Check = (warn: (problem: string) => void) => readonly Row[] | Promise<readonly Row[]>;

/**
 * `rexad check-config`: checks what a start with these options would do. Ports are tried for a moment; no file is created.
 * A problem with which a daemon starts all the same is a warning here, as it is in the daemon's log.
 * @returns the exit status: 0, or 1 where a daemon would not start
 */
export async function checkConfig(options: DaemonOptions): Promise<number> {
  const rows: Row[] = [['configuration', options.config ?? 'none']];
  let problems = 0;
  const warn = (problem: string): void => say(`warning: ${problem}`);
  async function run(check: Check): Promise<void> {
    try {
      rows.push(...(await check(warn)));
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      problems++;
      say(error.message);
    }
  }
  for (const check of listChecks(options)) await run(check);
  printRows(rows);
  if (problems > 0) return 1;
  process.stdout.write('ok\n');
  return 0;
}

function* listChecks(options: DaemonOptions): Generator<Check> {
  const addresses: ListenAddress[] = [];
  for (const url of options.listen) {
    yield async (warn) => {
      const address = parseListenAddress(url);
      addresses.push(address);
      await checkAddress(address, warn);
      return [['listen', url]];
    };
  }
  yield () => {
    refuseRoot(addresses, options.allowRoot);
    return [];
  };
  yield async () => {
    if (options.encoding !== null) await resolveEncoding(options.encoding);
    return [];
  };
  yield () => checkAudit(options.audit);
  yield () => checkTalkLog(options.talkLog);
  const asksLogin = addresses.some(({ kind }) => kind === 'tls');
  const answersProbes = addresses.some(({ kind }) => kind === 'udp');
  const hasKey = asksLogin || answersProbes;
  if (hasKey) yield () => describeHostKeys(options.login.hostKeys, answersProbes);
  if (asksLogin) yield (warn) => describeHostCertificate(options.login, warn);
  if (asksLogin) yield async (warn) => [await checkKeys(options.login, warn)];
  else yield (warn) => checkUnused({ ...options.login, ...(hasKey ? { hostKeys: [] } : {}) }, warn);
}

async function checkAddress(address: ListenAddress, warn: (problem: string) => void): Promise<void> {
  switch (address.kind) {
    case 'local':
    case 'unix':
      checkSocketPath(address.path);
      return checkSocketFolder(path.dirname(address.path));
    case 'tls':
      if (address.pin !== null)
        throw new RexaError('ADDRESS_INVALID', [formatTlsAddress(address), 'a pin is for clients']);
      return tryTcp(address, formatTlsAddress(address), warn);
    case 'ready': {
      const { encoding } = readReadyOptions(address);
      if (!['host', 'auto'].includes(encoding)) await resolveEncoding(encoding);
      return tryTcp(address, `ready://${formatHostAddress(address.host, address.port)}`, warn);
    }
    case 'talk':
      if (loopbackAddresses(address.host).length === 0)
        throw new RexaError('READY_NOT_LOOPBACK', [address.host, 'talk']);
      return tryTcp(address, `talk://${formatHostAddress(address.host, address.port)}`, warn);
    case 'udp':
      if (address.pin !== null)
        throw new RexaError('ADDRESS_INVALID', [showUdpAddress(address), 'a pin is for clients']);
      return tryPort(address.port, showUdpAddress(address), warn, async () => {
        const sockets = await openUdpSockets(address, {
          handleDatagram: () => undefined,
          handleError: ({ message }) => warn(message),
        });
        sockets.close();
      });
    case 'exec':
    case 'ssh':
      throw cannotListen(address);
    default:
      return address satisfies never;
  }
}

function tryTcp(
  { host, port }: { readonly host: string; readonly port: number },
  url: string,
  warn: (problem: string) => void,
): Promise<void> {
  return tryPort(port, url, warn, async () => {
    const server = net.createServer((socket) => socket.destroy());
    try {
      await once(server.listen({ host, port }), 'listening');
    } catch (cause) {
      throw causedBy('LISTEN_FAILED', cause, url);
    } finally {
      server.close();
    }
  });
}

/**
 * Listens on a port for a moment. One that is in use is only a warning: as a rule the daemon that is to be restarted, or
 * reloaded, has it.
 * @param listen throws LISTEN_FAILED with its cause
 * @throws RexaError LISTEN_FAILED
 */
async function tryPort(
  port: number,
  url: string,
  warn: (problem: string) => void,
  listen: () => Promise<void>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const { cause } = error as Error;
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    warn(`port ${port} of ${url} is in use: a daemon can listen there only once that program has ended`);
  }
}

function checkAudit(file: string | null): readonly Row[] {
  if (file === null) return [];
  const place = path.resolve(file);
  try {
    checkWritable(place);
  } catch (cause) {
    throw causedBy('AUDIT_FAILED', cause, place);
  }
  return [['audit', place]];
}

/** The daemon makes the folder. @throws RexaError TALK_LOG_FAILED */
function checkTalkLog(folder: string | null): readonly Row[] {
  if (folder === null) return [];
  const place = path.resolve(folder);
  try {
    let above = place;
    while (!existsSync(above)) above = path.dirname(above);
    // With the dot, a file is an error
    accessSync(`${above}/.`, constants.W_OK);
  } catch (cause) {
    throw causedBy('TALK_LOG_FAILED', cause);
  }
  return [['transcripts', place]];
}

/** @throws RexaError HOST_KEYS_TOO_MANY, KEY_UNSUPPORTED for a served key that cannot answer probes */
async function describeHostKeys(files: readonly string[], answersProbes = false): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const keys = new Set<string>();
  for (const place of hostKeyPlaces(files)) {
    const key = await findHostKey(place);
    checkHostKeyCount(keys.add(key === null ? place : fingerprint(key.publicKey)).size);
    const isServed = rows.length === 0;
    if (key !== null && isServed && answersProbes) await answerProbe(Buffer.alloc(PROBE_NONCE_BYTES), key);
    rows.push([
      isServed ? 'host key' : 'further host key',
      key === null ? `none yet; the first start makes ${place}` : `${fingerprint(key.publicKey)}  ${place}`,
    ]);
  }
  return rows;
}

/** The served one first. */
function hostKeyPlaces(files: readonly string[]): readonly string[] {
  return files.length === 0 ? [hostKeyPlace()] : files.map((file) => path.resolve(file));
}

/** @throws RexaError HOST_CERTIFICATE_UNUSABLE, AUTH_FILE_* */
async function describeHostCertificate(
  { hostKeys, hostCertificate }: LoginFiles,
  warn: (problem: string) => void,
): Promise<readonly Row[]> {
  if (hostCertificate === null) return [];
  const [served = hostKeyPlace()] = hostKeyPlaces(hostKeys);
  const key = await findHostKey(served);
  const { certificate, problem } = await readOwnCertificate(hostCertificate, key?.publicKey ?? null);
  if (problem !== null) warn(problem.message);
  const { keyId, principals } = certificate;
  return [['host certificate', `${keyId} for ${principals.join(', ') || 'all hosts'}  ${hostCertificate}`]];
}

/**
 * Reads the lists as the daemon does at its start. One that cannot be used does not refuse keys that another one allows.
 * @throws RexaError for a file with which all logins are refused
 */
async function checkKeys(
  { authorizedKeys, revokedKeys }: LoginFiles,
  warn: (problem: string) => void,
): Promise<Row> {
  const home = homeFolder();
  const unusable: RexaError[] = [];
  const usable = new Set<string>();
  for (const file of authorizedKeys) {
    for (const line of await readLines(file, home, unusable)) {
      const problem = line.kind === 'unusable' ? line.problem : findProblem(line);
      if (problem !== null) warn(problem.message);
      else if (line.key !== null) usable.add(fingerprint(line.key));
    }
  }
  await checkRevoked(revokedKeys);
  if (usable.size === 0 && unusable[0] !== undefined) throw unusable[0];
  for (const { message } of unusable) warn(message);
  const files = authorizedKeys.join(', ');
  if (usable.size === 0)
    warn(`no key may log in over tls:// yet, by ${files}: rexa keys authorize FILE adds one`);
  return ['may log in', `${usable.size === 1 ? '1 key' : `${usable.size} keys`}, by ${files}`];
}

async function checkRevoked(revokedKeys: string | null): Promise<void> {
  const problems: RexaError[] = [];
  const report = (problem: RexaError): void => void problems.push(problem);
  await openAuthorizedKeys({ files: [], revokedKeys, home: homeFolder(), report }).read();
  if (problems[0] !== undefined) throw problems[0];
}

async function readLines(
  file: string,
  home: string,
  problems: RexaError[],
): Promise<readonly AuthorizedLine[]> {
  try {
    const guard = { kind: 'trusted', maxBytes: MAX_AUTHORIZED_KEYS_BYTES, home } as const;
    const content = await readGuardedFile(file, guard);
    return content === null || content === 'unchanged' ? [] : parseAuthorizedKeys(content.bytes, file);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    problems.push(error);
    return [];
  }
}

function findProblem({ where, key, options }: Extract<AuthorizedLine, { kind: 'key' }>): RexaError | null {
  const obstacle = findLoginObstacle(options, Date.now() / 1000);
  return obstacle === null ? null : new RexaError('AUTH_LINE_REFUSES', [where, fingerprint(key), obstacle]);
}

/** Settings of logins have no effect in a daemon that listens on no tls:// address, whatever is in their files. */
async function checkUnused(
  { hostKeys, hostCertificate, revokedKeys }: LoginFiles,
  warn: (problem: string) => void,
): Promise<readonly Row[]> {
  const checks = [
    ['host-key', hostKeys[0] ?? null, () => describeHostKeys(hostKeys)],
    ['host-certificate', hostCertificate, () => readOwnCertificate(hostCertificate ?? '', null)],
    ['revoked-keys', revokedKeys, () => checkRevoked(revokedKeys)],
  ] as const;
  for (const [name, file, check] of checks) {
    if (file === null) continue;
    warn(`${name} has no effect: no address is tls://`);
    await check().catch((error: unknown) => {
      if (!(error instanceof RexaError)) throw error;
      warn(error.message);
    });
  }
  return [];
}
