import type { Duplex, Readable, Writable } from 'node:stream';
import type { KeyText } from '../auth/file-identities.ts';
import type { LinkStatus } from '../link/reconnect.ts';
import type { JobView, Lifetime } from '../protocol/job.ts';
import type { OutcomeName, Receipts } from '../protocol/outcome.ts';
import type { SessionOptions } from '../services/sessions/client-types.ts';

/**
 * Options of `host.run`, named as execa names them. A string is written in the run's input encoding; a Uint8Array is
 * passed to the command as it is.
 */
export interface RunOptions {
  /**
   * Where to run: absolute, or relative to the home folder. Default: the home folder of the daemon's user. On `local` it
   * is this process's own folder in place of the home folder.
   */
  readonly cwd?: string | Uint8Array | undefined;
  /** Added to the host's clean environment. */
  readonly env?: Readonly<Record<string, string | Uint8Array | undefined>> | undefined;
  /** False: the variables that `connect` was given for every command are left out. Default true. */
  readonly extendEnv?: boolean | undefined;
  /** What the program finds as its own name (argv[0]). Default: the name that it is started by. */
  readonly argv0?: string | Uint8Array | undefined;
  /** Added too, where the host takes them: what it would refuse is left out. */
  readonly offeredEnv?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** `file` is the name of a subsystem of the host, such as `sftp`; then there are no `args`. */
  readonly subsystem?: boolean | undefined;
  /**
   * True: `file` is a line for the user's shell on the host, run as `$SHELL -c`; then there are no `args`. `login`: that
   * shell itself, as for a login; then `file` is empty.
   */
  readonly shell?: boolean | 'login' | undefined;
  /** Runs on a terminal of this size; all that it shows is stdout. Default: on pipes. */
  readonly terminal?: RunTerminal | undefined;
  /** The whole stdin; `stdin` is left out beside it. A stream that fails cancels the run. */
  readonly input?: string | Uint8Array | Readable | undefined;
  /** `pipe`: write to `run.stdin` and end it; `ignore` (default): the command's stdin is empty. */
  readonly stdin?: 'pipe' | 'ignore' | undefined;
  /** What becomes of a run whose `stdin` stream is destroyed by an error before its end: it is canceled (default), or reads its end. */
  readonly brokenStdin?: 'cancel' | 'end' | undefined;
  /**
   * What becomes of a run whose command has exited while others hold stdout or stderr. `name` (default): filters that are
   * still at work are waited for, others for a second, and then they are named and the result is not `complete`. `wait`:
   * all of them are waited for, as ssh does. A job always does the first.
   */
  readonly heldPipes?: 'name' | 'wait' | undefined;
  /** Sets SSH_CLIENT and SSH_CONNECTION as sshd does, on every transport. */
  readonly sshVariables?: boolean | undefined;
  /**
   * What the command finds as its descriptors, by their numbers: 0 as `stdin` says it; an output that is `ignore` is /dev/null;
   * above 2, up to 15, `pipe` is a stream in both directions (`run.stdio`), whose bytes are not transcoded. What is left out is
   * `pipe` for 1 and 2, and closed above.
   */
  readonly stdio?: readonly ('pipe' | 'ignore' | undefined)[] | undefined;
  /** Looks for programs in `node_modules/.bin` of this folder of the host, and of those above it, before the PATH. */
  readonly localPrograms?: string | Uint8Array | undefined;
  /** `stdout`: both are one pipe on the host, as `2>&1` makes them, so that their bytes keep their order. Default: apart. */
  readonly stderr?: 'apart' | 'stdout' | undefined;
  /** Called once if the command exited some seconds ago and its output is still waited for, with who holds it. */
  readonly handleHeld?: ((pids: readonly number[]) => void) | undefined;
  /** Called once if the run waits for one of so many running commands of the same key or user to end. */
  readonly handleWaiting?: ((running: number) => void) | undefined;
  /**
   * Lets the command use an ssh-agent of this machine while it runs: a socket there (`SSH_AUTH_SOCK`) leads to this one. True:
   * to the agent of the login. Where there is none, none is forwarded. Default false. Jobs have none.
   */
  readonly forwardAgent?: boolean | string | undefined;
  /** Called with a sentence about an agent that is not forwarded, or not with all of its keys. */
  readonly handleAgentProblem?: ((sentence: string) => void) | undefined;
  /** Ends the process tree after so many milliseconds; the outcome is `timed-out`. 0 (default): never. */
  readonly timeout?: number | undefined;
  /** Milliseconds from SIGTERM to SIGKILL when a tree is ended. Default 5000. */
  readonly forceKillAfterDelay?: number | undefined;
  /** `host` (default), `auto`, `binary`, or the name of an encoding (docs/encodings.md). */
  readonly encoding?: string | undefined;
  /** The encoding of stdin, arguments, cwd and environment. Default: the same. */
  readonly inputEncoding?: string | undefined;
  /**
   * What becomes of stdin that can't be written in that encoding: `cancel` ends the run; `bell` leaves out what came with
   * it, and `run.onInputRefused` is called; `replace` writes a substitute (`?`), which may mean something else to the
   * command. Default: `bell` on a terminal, else `cancel`.
   */
  readonly encodingErrors?: 'cancel' | 'bell' | 'replace' | undefined;
  /**
   * False: nothing is kept, read `run.stdout` and `run.stderr` yourself (both of them), or destroy what you do not want. Default
   * true.
   */
  readonly buffer?: boolean | undefined;
  /**
   * What is kept of each stream, in bytes. Beyond it the result is `truncated`, and the run rejects and ends the command; with
   * `reject: false` it goes on. Default 64 MiB.
   */
  readonly maxBuffer?: number | undefined;
  /**
   * False: every outcome is returned. Default true: only `exited` with code 0 and with the whole output is, others reject
   * with a RunError.
   */
  readonly reject?: boolean | undefined;
  /** Cancels the run: the process tree is ended; the outcome is `canceled`. */
  readonly cancelSignal?: AbortSignal | undefined;
  /**
   * The run's id; random if it is not given. With one the run is a job, recorded on the host before it starts: asked for
   * again under the same id it is never run twice, but answered with its whole output and what became of it.
   */
  readonly id?: string | undefined;
  /** The command runs in a terminal session of the host, or joins one: `terminal` is our end of it. */
  readonly session?: SessionOptions | undefined;
  /** The terminal outlives its daemon, if the host has that, and its client can take it up at the next one. */
  readonly lasting?: LastingTerminal | undefined;
  /** How long it goes on without a client; anything but `with-client` (default) makes it a job. */
  readonly lifetime?: Lifetime | undefined;
}

/** How a run's terminal is begun, or taken up again under the same id, so that no byte is lost or doubled. */
export interface LastingTerminal {
  /** It is taken up: so many bytes of its output were had before. Absent: it is a new one. */
  readonly output?: number | undefined;
  /**
   * Called first of all, if the terminal outlives its daemon.
   * @param input bytes of input that it has taken: the stdin of this run goes on behind them
   * @param tell to be called now and then with how much of its output was had
   */
  handleLasting(input: number, tell: (output: number) => void): void;
  /** Called now and then with how many bytes of input it has taken. */
  handleConsumed(input: number): void;
}

/** A terminal on the host. */
export interface RunTerminal {
  readonly columns: number;
  readonly rows: number;
  /** What kind it is (`TERM`): what understands the output. Default `xterm-256color`. */
  readonly term?: string | undefined;
  /** Size of the whole window in pixels, which programs that draw pictures ask for; absent or 0: not known. */
  readonly widthPixels?: number | undefined;
  readonly heightPixels?: number | undefined;
  /**
   * Special characters and modes by the opcodes of RFC 4254, section 8: `{ 3: 8 }` erases by Ctrl-H. What is not named, or not
   * known to the host, is as on any new terminal.
   */
  readonly modes?: Readonly<Record<string, number>> | undefined;
}

/** What became of a run, whatever it was: the fields of `rexa run --json`. */
export interface RunResult<Output = string> {
  readonly v: 1;
  readonly id: string;
  /** Its id, if the run is a job. */
  readonly jobId: string | null;
  /** The id was used before: this is what became of that run. */
  readonly repeated: boolean;
  /** The address as it was given. */
  readonly host: string;
  readonly outcome: OutcomeName;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The catalogue's code behind `reason`; matched on, while the sentence may change. Not part of the JSON. */
  readonly code: string | null;
  readonly reason: string | null;
  /** What the host's system calls the reason for which a command could not be started, such as ENOENT. Not part of the JSON. */
  readonly errno: string | null;
  /** Empty with `buffer: false`; with `encoding: 'binary'` a Uint8Array. */
  readonly stdout: Output;
  readonly stderr: Output;
  readonly truncated: boolean;
  /** Output that did not arrive, since the host has not kept it or cannot read it, and why. Not part of the JSON. */
  readonly missing: { readonly bytes: number; readonly reason: string | null };
  readonly encoding: Receipts;
  readonly bytes: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
  readonly durationMs: number;
  /** How often the connection was lost and resumed. */
  readonly resumed: number;
  readonly survivors: readonly number[];
  /** Processes that still held stdout or stderr when the outcome was told. */
  readonly pipeHeldBy: readonly number[];
  /**
   * False: a process that the command left behind still held stdout or stderr, so that more may have been written there;
   * or the run is `lost`.
   */
  readonly complete: boolean;
  /** Of `bytes.stdin`, what the command left unread; null: not known. Not part of the JSON. */
  readonly unreadInputBytes: number | null;
}

/** How a command ended: by an exit code, or by a signal; and whether it was made to. */
export interface CommandExit {
  readonly name: 'exited' | 'signaled' | 'timed-out' | 'canceled';
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A job that a run has become. */
export interface StartedJob {
  readonly id: string;
  /** It was there before. */
  readonly repeated: boolean;
  readonly state: JobView['state'];
  /** How long it goes on without a client; null where its record can't be read. */
  readonly lifetime: Lifetime | null;
  /** From when on its output is read, in ms since 1970 by the host's clock; 0: from its beginning. */
  readonly sinceMs: number;
}

/** A command that is being run: the promise of its result, and its streams meanwhile. */
export interface RemoteRun<Output = string> extends Promise<RunResult<Output>> {
  readonly id: string;
  /** The process's id on the host; null when it never started. */
  readonly pid: Promise<number | null>;
  /** The job that it is, as soon as that is recorded; null when it is none. */
  readonly job: Promise<StartedJob | null>;
  /** Null unless `stdin: 'pipe'`. */
  readonly stdin: Writable | null;
  /**
   * UTF-8, or raw bytes with `encoding: 'binary'`. One that is destroyed before its end, as by a `break` out of `for await`, is
   * closed on the host too: the command is told by EPIPE or SIGPIPE at its next write.
   */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** All streams by the numbers of their descriptors; null where there is none. */
  readonly stdio: readonly (Readable | Writable | Duplex | null)[];
  /** Resolves once the command has ended, whatever of its output is still to be read; null when that is not known. */
  readonly exited: Promise<CommandExit | null>;
  /**
   * Sends a signal to the command's process group.
   * @param options `tree`: once the command has ended, whatever else it has started is ended too
   */
  kill(signal?: NodeJS.Signals, options?: { readonly tree?: boolean }): void;
  /**
   * Gives the run's terminal another size; its programs hear of it by SIGWINCH. Nothing without a terminal.
   * @param pixels size of the whole window; absent: not known
   */
  resize(columns: number, rows: number, pixels?: Pick<RunTerminal, 'widthPixels' | 'heightPixels'>): void;
  /** Calls from now on with a sentence about input that was not sent; see `encodingErrors`. */
  onInputRefused(handle: (sentence: string) => void): void;
  /** Calls once the daemon has said that it shuts down, with the milliseconds after which it ends what still runs. */
  onDraining(handle: (leftMs: number) => void): void;
  /** Ends the process tree; the outcome is `canceled`. */
  cancel(): void;
  /** Hangs up the run's terminal, as if nobody sat there any more; the outcome is `canceled`. As `cancel` without one. */
  hangUp(): void;
  /**
   * Leaves at once without waiting for the daemon: the outcome is `lost` with the code ABANDONED. The daemon ends the process
   * tree, except that of a job, which its lifetime decides. From then on nobody has to handle the rejection of the run.
   */
  abandon(): void;
}

/** A host that is not known yet, and the key that it has proved to have. */
export interface UnknownHost {
  /** As it would stand in known_hosts: `build1:7522`. */
  readonly address: string;
  /** `ssh-ed25519` …. */
  readonly keyType: string;
  /** `SHA256:…`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
}

/** A key whose passphrase is needed. */
export interface PassphraseQuestion {
  /** The path of the key. */
  readonly file: string;
  /** 1 the first time, 2 when the first answer was wrong. */
  readonly attempt: number;
}

/** What changes of the keys of a host. */
export interface ChangedHostKeys {
  readonly address: string;
  readonly added: readonly { readonly keyType: string; readonly fingerprint: string }[];
  readonly removed: readonly { readonly keyType: string; readonly fingerprint: string }[];
}

/** Options of `connect`. Most are for hosts over TLS. */
export interface ConnectOptions {
  /**
   * The user's configuration, from which come the address that a name stands for, keys, encodings and variables: a file, or
   * false for none. Default: `$REXA_CONFIG`, else `~/.config/rexa/config.yaml` if it is there.
   */
  readonly config?: string | false | undefined;
  /** Gives up connecting; then `connect` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Where commands run that are given no `cwd`, and what a relative one starts from. Default: the home folder there. */
  readonly cwd?: string | undefined;
  /** Variables for every command there: what the host refuses of them is left out. Default: those of the configuration. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds for the connection, and for the daemon's hello. Default 10000; 0: no limit. */
  readonly timeout?: number | undefined;
  /** Called with what happens on the way to a connection, for logs (`-v`). */
  readonly log?: ((line: string) => void) | undefined;
  /**
   * Milliseconds between looks whether the host is alive: it counts as dead after three without a byte. Default 5000;
   * Infinity: it is not looked.
   */
  readonly keepalive?: number | undefined;
  /** Milliseconds from the loss of a connection in which another one is looked for. Default 60000; 0: none is. */
  readonly reconnectFor?: number | undefined;
  /** Called while a lost connection is looked for again: for who shows that. */
  readonly handleStatus?: ((status: LinkStatus) => void) | undefined;
  /** Called with what should be known and stops nothing: a key that was passed over, an agent that does not answer. */
  readonly warn?: ((line: string) => void) | undefined;
  /** Who commands run as. Default: whoever the daemon is, and any other is denied. */
  readonly user?: string | undefined;
  /**
   * Files of private keys to log in with, in this order, or keys themselves, as a secret of a CI system holds them:
   * `{ name: 'CI_KEY', text: process.env.CI_KEY }`. A public key is one whose secret the agent holds. Default: the keys of the agent, then `id_ed25519`, `id_ecdsa` and `id_rsa` in `~/.ssh` and in
   * `~/.config/rexa`.
   */
  readonly identities?: readonly (string | KeyText)[] | undefined;
  /** Files of certificates (`*-cert.pub`) to log in with, each for a key that is offered too. */
  readonly certificates?: readonly string[] | undefined;
  /** With `identities`: whether the agent's other keys are not offered behind them. Default true. */
  readonly identitiesOnly?: boolean | undefined;
  /** The socket of an ssh-agent; null: none. Default: `$SSH_AUTH_SOCK`. */
  readonly agent?: string | null | undefined;
  /** The passphrase of a locked key, or what asks for it; null: do without that key. Default: locked keys are passed over. */
  readonly passphrase?:
    | string
    | ((question: PassphraseQuestion) => string | null | Promise<string | null>)
    | undefined;
  /**
   * The file of known hosts, or several, of which the first learns; null: none are known, and nothing is remembered.
   * Default: `~/.config/rexa/known_hosts`.
   */
  readonly knownHosts?: string | readonly string[] | null | undefined;
  /** Further files of known hosts, which never learn (GlobalKnownHostsFile of ssh_config(5)). Default: none. */
  readonly globalKnownHosts?: readonly string[] | undefined;
  /** Whether a line that is learned has a hash in place of the name of the host (HashKnownHosts of ssh_config(5)). Default false. */
  readonly hashKnownHosts?: boolean | undefined;
  /**
   * Whether further keys of the host are learned after a login, and keys that it has no more removed (UpdateHostKeys of
   * ssh_config(5)); a function is asked before the host is given out. Never where a pin or a certificate vouches for the host.
   * Default: true without `knownHosts`.
   */
  readonly updateHostKeys?: boolean | ((update: ChangedHostKeys) => boolean | Promise<boolean>) | undefined;
  /**
   * Files of revoked host keys: public keys, or key revocation lists (RevokedHostKeys of ssh_config(5)). Every host is refused
   * while one of them cannot be read.
   */
  readonly revokedHostKeys?: readonly string[] | undefined;
  /**
   * Algorithms of host keys and certificates, by OpenSSH's names (HostKeyAlgorithms of ssh_config(5)): a host with a key of another
   * type is refused, and a certificate counts only where one of its own is there. Default: all.
   */
  readonly hostKeyAlgorithms?: readonly string[] | undefined;
  /** Algorithms that the authority of a host certificate may sign with (CASignatureAlgorithms of ssh_config(5)). Default: all. */
  readonly caSignatureAlgorithms?: readonly string[] | undefined;
  /** The name under which the host's key is known (HostKeyAlias of ssh_config(5)). Default: the address. */
  readonly hostKeyAlias?: string | undefined;
  /** Only addresses of IPv4, or of IPv6. Default: both. */
  readonly family?: 4 | 6 | undefined;
  /**
   * Jump hosts, the nearest first: a host over TLS is reached through connections from them, which see the bytes of TLS
   * alone. An empty list: none, whatever the configuration says.
   */
  readonly jump?: string | readonly string[] | undefined;
  /** Believe the key of a host that is not known yet, and write it down. A changed key is never believed. */
  readonly acceptNew?: boolean | undefined;
  /**
   * Asked about a host that is not known yet, while there is no connection; true: it is written down. Default: such a
   * host is refused.
   */
  readonly askHost?: ((host: UnknownHost) => boolean | Promise<boolean>) | undefined;
}
