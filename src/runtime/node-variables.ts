/**
 * What Node, and the libraries in it (libuv, OpenSSL, ICU), take from the environment before the first line of a
 * program. The launchers in bin/ hold the same list: a test compares them. They keep what they take away under KEPT.
 */
export const NODE_VARIABLES: readonly string[] = [
  'NODE_*',
  'UV_*',
  'OPENSSL_*',
  'OSSL_*',
  'SSL*',
  'CTLOG_FILE',
  'QLOGDIR',
  'ICU_*',
];

/**
 * How Node is started for the daemon and the supervisor: SIGUSR1 opens no debugger port, the heap stays small, and node:tls
 * does not load its list of authorities.
 */
export const DAEMON_NODE_OPTIONS: readonly string[] = [
  '--inspect-port=192.0.2.1:9229',
  '--use-openssl-ca',
  '--max-semi-space-size=4',
  '--heap-growing-percent=40',
];

/**
 * How the launcher starts Node for the client: V8 compiles on the main thread, since Node can hang at its end while another
 * thread compiles (https://github.com/nodejs/node/issues/54918), node:tls does not load its list of authorities, and the
 * space for new objects stays small: in a copy of very many files it would grow to 100 MiB.
 */
export const CLIENT_NODE_OPTIONS: readonly string[] = [
  '--no-concurrent-recompilation',
  '--use-openssl-ca',
  '--max-semi-space-size=4',
];

/** What the launchers put before the name of a variable that Node is not to see. */
const KEPT = 'REXA_KEPT_';

type Environment = Readonly<Record<string, string | undefined>>;

/** An environment for a program of ours that is started without a launcher: nothing of it reaches Node. */
export function withoutNodeVariables(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isNodeVariable(name)));
}

/** The environment that our user gave us, with the names that the launcher changed: what is sent on, or given to programs. */
export function userEnvironment(environment: Environment = process.env): Environment {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [userName(name), value]));
}

/** The name that a variable had before the launcher changed it. */
function userName(name: string): string {
  const kept = name.startsWith(KEPT) ? name.slice(KEPT.length) : name;
  return isNodeVariable(kept) ? kept : name;
}

function isNodeVariable(name: string): boolean {
  return NODE_VARIABLES.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
