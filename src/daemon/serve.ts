import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateHostKey } from '../auth/host-key.ts';
import type { Log } from '../runtime/log.ts';
import { DEFAULT_FORWARD_POLICY } from '../services/forward/authorize.ts';
import { parseListenAddress } from '../transports/listen-address.ts';
import { endAtOnce } from './drain.ts';
import type { Listener, LoginSources } from './listen/listener.ts';
import { checkServeOptions, isService, type ServeOptions } from './serve-options.ts';
import { openServer, type Server, type ServerSettings } from './server.ts';

/** A daemon in this process. `await using` closes it. */
export interface EmbeddedServer extends AsyncDisposable {
  /** The address of the first listener as `connect` takes it: for `tls://` with the fingerprint of the host key. */
  readonly address: string;
  /** All of them, in the order of `listen`. */
  readonly addresses: readonly string[];
  /** Connections that are open. */
  readonly connectionCount: number;
  /** Commands that run. */
  readonly runCount: number;
  /**
   * Takes no new work, ends what runs (SIGTERM, then SIGKILL after 4 s), closes every connection and listener. Later calls
   * return the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts a daemon in this process; it serves as the user of this process.
 *
 * It changes no state of the process but this: it listens to SIGCHLD, and narrows the umask for the moment in which a Unix
 * socket is made. It handles no other signal, and never calls `process.exit`. Commands get PATH, LANG, LC_*, TZ, TMPDIR and
 * XDG_RUNTIME_DIR of this process as they were at the first command, and nothing else of its environment. An orphan of a
 * command that is still there when the command ends is found as by rexad, but has the system's init as its parent.
 *
 * @throws RexaError USAGE for wrong options; ROOT_REFUSED, LISTEN_FAILED, ALREADY_LISTENING, AUDIT_FAILED, ENCODING_UNKNOWN
 */
export async function serve(options: ServeOptions = {}): Promise<EmbeddedServer> {
  const addresses = checkServeOptions(options).map((url) => parseListenAddress(url));
  const folder = options.listen === undefined ? makeSocketFolder() : null;
  if (folder !== null) addresses.push(parseListenAddress(`unix:${path.join(folder, 'rexad.sock')}`));
  try {
    return embed(await openServer({ ...readSettings(options), addresses }), folder);
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}

function embed(server: Server, folder: string | null): EmbeddedServer {
  const addresses = server.listeners.map(connectAddress);
  let closed: Promise<void> | undefined;

  async function closeOnce(): Promise<void> {
    const done = new AbortController();
    await server.close(endAtOnce(done.signal));
    done.abort();
    removeFolder(folder);
  }
  function close(): Promise<void> {
    closed ??= closeOnce();
    return closed;
  }

  return {
    address: addresses[0] ?? '',
    addresses,
    get connectionCount() {
      return server.daemon.connectionCount;
    },
    get runCount() {
      return server.runCount;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function readSettings(options: ServeOptions): Omit<ServerSettings, 'addresses'> {
  return {
    login: readLogin(options),
    log: options.log ?? QUIET,
    audit: options.audit ?? null,
    encoding: options.encoding ?? null,
    allowRoot: options.allowRoot ?? false,
    resumeForMs: options.resumeFor ?? null,
    jobs: options.services?.includes('jobs') ?? false,
    forwarding: options.services?.includes('forward') ? DEFAULT_FORWARD_POLICY : null,
    recording: 'client',
    talk: options.services?.includes('talk') ? { logFolder: null } : null,
    files: options.services?.includes('files') ?? false,
    ownServices: options.services?.filter(isService) ?? [],
    runRecords: null,
    ownsProcess: false,
    config: null,
  };
}

function readLogin({ hostKey, hostCertificate, authenticator }: ServeOptions): LoginSources {
  return {
    hostKeys: hostKey === undefined ? generateHostKey() : [hostKey],
    hostCertificate: hostCertificate ?? null,
    authorizedKeys: [authenticator?.authorizedKeys ?? []].flat().map((file) => path.resolve(file)),
    revokedKeys: authenticator?.revokedKeys ?? null,
  };
}

/** A client that has the fingerprint needs no known_hosts. */
function connectAddress({ url, fingerprint }: Listener): string {
  return fingerprint === null ? url : `${url}#${fingerprint}`;
}

function makeSocketFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'rexa-'));
}

function removeFolder(folder: string | null): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}
