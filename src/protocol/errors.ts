import { showText } from './show-text.ts';

/** Errors that close the link: protocol errors of a peer, or a peer that is not admitted. */
export const LINK_ERRORS = {
  // Frames, control messages, login
  FRAME_TOO_LARGE: 'the frame length %s exceeds the limit of %s bytes',
  FRAME_TOO_SHORT: 'the frame length %s is less than the 5 bytes of type and channel',
  FRAME_TRUNCATED: 'the connection ended in the middle of a frame',
  FRAME_UNKNOWN: 'unknown frame type %s; this end speaks protocol %s',
  FRAME_MISPLACED: 'unexpected %s frame (%s)',
  FRAME_PAYLOAD: 'a %s frame has a payload of %s bytes where %s are expected',
  CONTROL_NOT_JSON: 'a %s message is not a JSON object in UTF-8',
  CONTROL_WRONG_SHAPE: 'a %s message has the wrong shape: %s',
  CONTROL_TOO_LARGE: 'a control message has more than the %s %s allowed',
  ACKS_MISSING: 'the peer did not acknowledge more than %s bytes',
  CREDIT_OVERRUN: 'stream %s of channel %s sent up to byte %s with credit up to %s',
  CREDIT_INVALID: 'credit for stream %s of channel %s is %s, above the largest offset',
  PROTOCOL_MISMATCH:
    'no common protocol version: %s speaks %s, this end (%s) speaks %s; update the older one',
  HELLO_TIMEOUT: 'no hello arrived within %s ms',
  LOGIN_REFUSED: "Permission denied (publickey); the reason is in the daemon's log under reference %s",
  LOGIN_OVERRUN: 'the peer sent more than the %s bytes allowed before login',
  PEER_REFUSED: 'uid %s may not use this socket of uid %s',
  CONNECTIONS_EXHAUSTED:
    'this daemon already serves %s connections in total or for this key; try again later',
  LINK_UNKNOWN: 'the link %s cannot be resumed: %s',
  RECONNECT_FAILED: 'could not reconnect within %s ms: %s',
  PEER_SILENT: 'no data from the peer for %s ms',

  // Talk
  TALK_PEER_REFUSED: 'closed a talk:// connection: what it sent %s',

  // Ready/Start, daemon side
  READY_READ_REFUSED: 'closed a ready:// connection: what it sent %s; nothing of it was run',
  READY_START_EXPECTED:
    'closed a ready:// connection: after Ready it sent %s instead of Start; nothing of it was run',
  READY_START_UNASKED: 'closed a ready:// connection: it sent Start while no reply was waiting',
  READY_START_TIMEOUT: 'closed a ready:// connection: it did not send Start within %s ms',
  READY_IDLE: 'closed a ready:// connection: it sent nothing for %s ms',
  READY_QUEUE_FULL: 'closed a ready:// connection: more than %s command lines were waiting',
  READY_PEER_UNKNOWN:
    'closed a %s:// connection: the owner of port %s is unknown; nothing that it sent was used',

  // Ready/Start, client side
  READY_GREETING: 'the peer sent the greeting %s: %s',
  READY_SIZE_INVALID: 'the peer answered %s, which is not Ready|size',
  READY_SIZE_TOO_LARGE: 'the peer answered %s, and the limit for a reply is %s bytes',
  READY_REPLY_EARLY: 'the peer did not wait for Start: it sent %s',
  READY_REPLY_SHORT: 'the reply ended after %s of %s bytes',
  READY_REPLY_EXCESS:
    'the peer sent at least %s bytes more than the %s it announced: two replies are joined, or the peer counts characters',
  READY_REPLY_MISSING: 'the connection ended before a reply was announced%s',
  READY_UNASKED:
    'the peer sent %s while no command was running: the previous reply was longer than announced',
  READY_STALLED: 'the peer stopped after %s and sent nothing for %s ms',

  // The client
  PROGRAM_LOST: '%s %s%s',
} as const;

/** Errors that close the channel: this request cannot be served; others are not affected. */
export const CHANNEL_ERRORS = {
  // Requests
  SHUTTING_DOWN: 'the daemon is shutting down and accepts no new work; retry in %s s',
  CHANNELS_EXHAUSTED: 'this link already has %s open channels; close one first',
  REQUEST_TOO_LARGE: 'the request is too large: %s; send large data through stdin',
  REQUESTS_EXHAUSTED:
    'requests of this user or key that wait already hold the %s bytes allowed; try again when some have started',
  QUOTA_EXHAUSTED: 'this user or key already has %s %s, the limit; try again when one has ended',
  SERVICE_UNKNOWN: 'unknown service %s; this daemon has: %s',
  REQUEST_WRONG_SHAPE: 'the request has the wrong shape: %s',
  BYTES_UNAVAILABLE:
    '%s is not valid UTF-8, and this host cannot pass such bytes to a program; install koffi beside rexad there',
  BYTES_UNSUPPORTED:
    '%s is not valid UTF-8, and the daemon (%s) is too old to accept such bytes; update rexa on that host',
  ENVIRONMENT_REFUSED: 'the environment variable %s is refused: %s',
  USER_REFUSED: 'commands run as %s on this daemon; another user (%s) is not available',
  NOT_PERMITTED: '%s is not permitted %s on this host',
  LOGIN_EXPIRED: 'the key %s has expired; connect again with a valid key',
  TIMED_OUT: 'the command timed out after %s ms and was ended',
  CANCELED: 'the command was canceled%s',
  ARGUMENT_INVALID: '%s contains a NUL character, which cannot be passed to a program',
  ENCODING_UNKNOWN: 'unknown encoding %s%s (rexa help encodings lists the names)',
  ENCODING_UNAVAILABLE:
    'the encoding %s is not available on this host: %s; use --encoding binary to get bytes',
  ENCODING_WITHOUT_ASCII:
    'the encoding %s does not contain ASCII, so arguments cannot be encoded in it; use it for streams only',
  UNMAPPABLE: '%s has %s, which the encoding %s lacks',
  STDIN_UNMAPPABLE:
    'stdin has %s at byte %s, which cannot be written in %s; nothing from there on was sent (--encoding-errors=replace sends a substitute, --stdin-encoding binary sends bytes as they are)',
  ATTACHED_INPUT_REFUSED: 'detached from the job %s, which keeps running: %s',
  LINE_MISREAD:
    'the command line has %s, in whose bytes in %s the shell %s finds syntax with its locale; start it in a locale of that ' +
    'charset, or give the command as arguments',
  SUBSYSTEM_MISSING: 'no subsystem %s on this host: %s',
  CWD_UNUSABLE: 'cannot use the working directory %s: %s',
  FILE_NOT_FOUND: "no program named '%s' was found%s",
  FILE_NOT_EXECUTABLE: '%s cannot be executed: %s',
  ARGUMENTS_TOO_LONG:
    'the arguments and environment are longer than this host allows; send them through stdin',
  TERMINAL_UNAVAILABLE: 'this host cannot open a terminal: %s',
  SPAWN_FAILED: '%s could not be started: %s',

  // Jobs, and repeated ids
  RUN_ID_TAKEN: 'the id %s was already used for another command; nothing was run',
  JOB_UNKNOWN: 'no job %s on this host',
  JOB_ENDED: 'the job %s has already ended',
  SIGNAL_UNKNOWN: 'this host has no signal %s',
  JOB_LOST: 'the outcome of the job %s is unknown: %s',
  JOB_RECORD_CORRUPT:
    'cannot read the record of the job %s (%s), so whether it ran is unknown; nothing was run now',
  JOB_SPOOL_GONE: 'the output of the job %s was removed: %s',
  JOB_SPOOL_DAMAGED: 'cannot read the output of the job %s: %s',
  JOB_SPOOL_FAILED: 'cannot store the output of the job %s: %s',
  OUTPUT_MISSING: '%s bytes of the output are missing: %s',
  JOBS_EXHAUSTED:
    'this user or key already runs %s jobs, the limit; nothing was run; try again when one has ended',
  JOB_ID_UNCHECKED:
    'cannot tell whether a run has already used the id %s: %s; nothing was run now; try again with the same id',
  JOBS_UNUSABLE: 'cannot record jobs in %s: %s; nothing was run',
  JOBS_NEWER:
    'the job records in %s were written by a newer rexa (schema %s, this one supports %s); nothing was run',
  JOB_DESCRIPTORS:
    'a job cannot have descriptors above 2 or discard output; remove stdio, or the lifetime and the id',
  JOB_AGENT: 'a job cannot use a forwarded ssh-agent; remove -A, or the lifetime and the id',
  JOB_TERMINAL: 'a job cannot have a terminal; remove -t, or the lifetime and the id',
  SUPERVISOR_START_FAILED: 'the supervisor of jobs did not start: %s; its log is %s',
  SUPERVISOR_UNREACHABLE: 'cannot reach the supervisor of jobs: %s',
  SUPERVISOR_LOST: 'the supervisor of jobs exited while the job %s was running',

  // Terminal sessions
  SESSION_UNKNOWN:
    'no session %s on this host; rexa session list shows the sessions, rexa session new starts one',
  SESSION_EXISTS: 'the session %s already runs on this host; use rexa session attach, or another name',
  SESSION_ENDED: 'the session %s has already ended',
  SESSION_REPLACED: 'the session %s has ended, and another one has its name now',
  SESSION_FULL: 'the session %s already has %s clients, the limit; try again when one has left',
  SESSIONS_EXHAUSTED:
    'this user or key already runs %s sessions, the limit; nothing was run; end one with rexa session end',
  SESSION_ENCODING:
    'a session needs a terminal in UTF-8, and this one would be in %s; use rexa shell, or set a UTF-8 locale on the host',
  SESSION_UNSUPPORTED:
    'the supervisor on this host is of an older version without sessions; it is replaced when its jobs have ended',
  SESSION_UNSHARED: 'the session %s is not shared with this key any more',
  SESSION_SHARE_REFUSED: 'cannot share the session %s: %s',
  SESSION_SHARE_UNKNOWN:
    'the session %s is shared with no key; rexa keys list --authorized on the host shows all keys',
  RECORDING_FAILED:
    'cannot record the terminal in %s: %s; nothing was run; name a new file in a folder that exists and can be written',
  RECORDING_REFUSED:
    'the daemon is configured to record no terminals (--record-terminals never); nothing was run',
  TERMINAL_LOST:
    'the terminal of the run %s is gone: its supervisor exited, or nobody was attached for too long',
  TERMINAL_TAKEN: 'another client has taken the terminal of the run %s',
  SESSION_LOST: 'the supervisor of the session %s exited; the session is lost',

  // Forwarding
  FORWARD_FAILED: 'cannot connect to %s: %s',
  FORWARD_LISTEN_FAILED: 'cannot listen on %s: %s',
  FORWARD_PROHIBITED: 'the daemon is configured to refuse %s: %s',
  FORWARD_DENIED: 'the client does not permit %s',
  SOCKS_REFUSED: 'the SOCKS server does not serve %s',
  FORWARD_RESET: 'the forwarded connection was reset: %s',

  // Talk
  TALK_LINE_TOO_LONG: 'a line has more than the %s bytes allowed, and was not sent; split it',
  TALK_LINE_INVALID: 'a line of a member has the wrong shape: %s',
  TALK_TOO_SLOW:
    'disconnected: this member did not read what was said, and %s bytes were waiting; enter again',
  TALK_CLOSED: 'the conversation is closed: %s',

  // Copying files
  FILES_TARGET: 'cannot copy to %s: %s',
  FILES_UNREADABLE: 'cannot read %s: %s',
  FILES_PROTOCOL: 'the other end of a copy sent an invalid record: %s',

  // Shared connections
  SHARE_REFUSED: 'the shared connection cannot be used: %s',
  RELAY_TOO_SLOW: 'the shared connection was given up: its other end did not read, and %s bytes were waiting',

  INTERNAL: 'internal error: %s',
} as const;

/** Errors that close nothing on the wire. */
export const LOCAL_ERRORS = {
  // Daemons and requests
  STATUS_FAILED: 'the daemon at %s did not report its status: %s',
  DAEMON_GONE: 'its daemon has exited',
  INPUT_REFUSED: '%s cannot be encoded in %s and was not sent',

  // Jobs, and repeated ids
  OUTPUT_CHANGED:
    'output of the job %s was dropped while the connection was lost, so it cannot be resumed; read it with rexa logs',

  // Terminal sessions
  CAST_INVALID: 'cannot play %s: %s; a recording is a file in asciicast v2 or v3',

  // Forwarding
  FORWARD_REFUSED: '%s',
  AGENT_NOT_FORWARDED: 'the ssh-agent is not forwarded: %s',
  AGENT_KEYS_LIMITED:
    '%s of the ssh-agent limited to destinations (ssh-add -h) and not forwarded, since rexa proves no host to an agent (session-bind); add them without -h to forward them',

  // Talk
  TALK_NAME_REFUSED: 'the name %s cannot be used here: %s',
  TALK_INCOMPLETE: 'the conversation ended before the last %s lines were taken; send them again',
  TALK_INPUT_REFUSED: 'line %s of the input, and what follows it, was not sent: %s',

  // Copying files
  FILES_INCOMPLETE: '%s files were not copied; the first one is %s: %s',

  // Shared connections
  SHARE_LISTEN_FAILED: 'the connection is not shared: cannot listen on %s: %s',
  SHARE_SILENT: 'the process that shares the connection at %s did not answer within %s ms',
  SHARE_START_FAILED: 'the process that shares the connection did not start: %s',

  // Ready/Start, daemon side
  READY_COMMAND_NOT_UTF8: 'the command is not valid UTF-8; nothing was run',
  READY_REPLY_LIMIT: 'the reply exceeds the %s bytes that ready:// can carry; the command was ended',
  READY_SPOOL_LIMIT:
    'replies that were not fetched yet fill the %s bytes reserved for them; the command was ended',
  READY_SPOOL_FAILED: 'cannot store the reply: %s; the command was ended',
  READY_NOT_LOOPBACK:
    '%s is not a loopback address, and %s:// has no authentication and no encryption: use tls://',

  // Ready/Start, client side
  READY_COMMAND_REFUSED: 'this command cannot be sent over ready://: %s',
  READY_COMMAND_TOO_LONG:
    'the command has %s bytes, more than the %s the peer may read; raise the limit with ?max-command=',
  READY_BUSY: 'ready:// runs one command at a time, and one is still running',

  // Startup of the daemon
  TALK_LOG_FAILED: 'no transcript is kept: %s',
  LISTEN_FAILED: 'cannot listen on %s: %s',
  AUDIT_FAILED: 'cannot write the audit file %s: %s',
  ANNOUNCE_FAILED: 'cannot write the listeners to stdout: %s',
  ALREADY_LISTENING: 'another daemon already answers on %s',
  ROOT_REFUSED:
    'rexad runs as root and %s is not its own Unix socket; run it as another user, or use --allow-root',

  // Keys, certificates and signatures
  KEY_MALFORMED: 'the key %s is not valid: %s',
  KEY_UNSUPPORTED: 'the key %s cannot be used: %s',
  KEY_PASSPHRASE_NEEDED: 'the key %s is protected by a passphrase',
  KEY_PASSPHRASE_WRONG: 'wrong passphrase for the key %s',
  KEY_LOCKED: 'the key %s was skipped: its passphrase cannot be asked without a terminal',
  KEY_OPTION_UNKNOWN: 'unknown option %s',
  KEY_OPTION_INVALID: 'the option %s is not valid: %s',
  AUTH_SIGNATURE_MALFORMED: 'the signature by the key %s is not valid: %s',
  AUTH_SIGNATURE_WRONG: 'the signature does not match the key %s and this message',
  AUTH_CERTIFICATE_REFUSED: 'the certificate %s (serial %s) is refused: %s',
  AUTH_COMMANDS_DIFFER: 'the certificate and %s force different commands, so neither is run',
  AUTH_ACCOUNT_INVALID: 'the account name %s is too long or not text',

  // Authorization of logins
  AUTH_KEY_UNKNOWN: 'no line of authorized_keys has the key %s',
  AUTH_KEY_REVOKED: 'the key %s is refused: %s',
  AUTH_LINE_UNUSABLE: '%s is not used: %s',
  AUTH_LINE_REFUSES: '%s has the key %s but refuses it: %s',
  AUTH_LINE_TOO_LONG: 'the line is longer than %s bytes',
  AUTH_REVOCATIONS_MALFORMED: 'cannot read the revoked keys %s completely, so all logins are refused: %s',
  AUTH_FILE_UNSAFE: '%s is not safe to use: %s; fix it with: %s',
  AUTH_FILE_UNREADABLE: '%s cannot be read: %s',
  AUTH_FILE_TOO_LARGE: '%s is larger than the %s bytes allowed',
  AUTH_FILE_TOO_MANY_LINES: '%s has more than the %s lines allowed',
  AUTH_FILE_UNWRITABLE: '%s cannot be written: %s',
  AUTH_FILE_LOCKED: 'another rexa holds %s; if none is running, remove that file',

  // Host keys
  HOST_KEYS_TOO_MANY: 'too many host keys: %s were given, and at most %s can be announced',
  HOST_CERTIFICATE_UNUSABLE:
    'the host certificate %s cannot be used: %s; make one with: ssh-keygen -h -s AUTHORITY -I NAME -n HOST HOST_KEY.pub',
  AUTH_HOST_UNKNOWN: 'host key not trusted: the host %s is unknown and has the key %s; %s',
  AUTH_HOST_CHANGED:
    'the host key of %s has changed: it is %s, and was %s (%s, line %s). Someone may be intercepting the connection. If the host got a new key on purpose: rexa keys remove %s',
  AUTH_HOST_REVOKED:
    'the host key of %s, %s, its certificate or the authority of that is revoked (%s): someone else may have it. Create a new key on the host',
  AUTH_HOST_KEY_TYPE:
    'host key not trusted: the host %s has a key of type %s, which HostKeyAlgorithms does not allow',
  AUTH_HOST_PIN_MISMATCH:
    'host key mismatch: %s has the key %s, and %s is required; another host answers there, or it has a new key',
  AUTH_HOST_NAME_INVALID: '%s is not a valid host name: %s',
  AUTH_PIN_INVALID: '%s is not a fingerprint; write SHA256: and the 43 characters that ssh-keygen -l shows',
  LOGIN_NO_KEY: 'no key to log in to %s: %s',

  // ssh-agent
  AGENT_UNREACHABLE: 'cannot reach the ssh-agent at %s: %s',
  AGENT_TIMEOUT: 'the ssh-agent at %s did not answer within %s ms',
  AGENT_CLOSED: 'the ssh-agent at %s closed the connection without an answer',
  AGENT_MALFORMED: 'the ssh-agent at %s sent an invalid answer: %s',
  AGENT_REFUSED: 'the ssh-agent at %s refused to %s',
  AGENT_LIED: 'the ssh-agent at %s did not sign with the key %s: %s',

  // Configurations
  CONFIG_INVALID: '%s:%s:%s: %s',
  CONFIG_MISSING: 'no configuration file %s',
  KEYS_NOT_COPIED: 'rexa keys failed on the host: %s',
  SSH_CONFIG_INVALID: '%s',

  // The client
  USAGE: '%s',
  HOME_UNKNOWN:
    'the home folder of uid %s is unknown: the user database has no entry for it; set HOME to a folder of this user',
  ADDRESS_INVALID: 'the address %s is not valid: %s',
  ADDRESS_UNSUPPORTED: 'the address %s is not supported: %s',
  SOCKET_PATH_TOO_LONG:
    'the socket path %s has %s bytes, more than the %s the system allows; choose a shorter one',
  SOCKET_NOT_OURS: 'the socket %s is not safe to use: %s',
  CONNECT_FAILED: 'cannot reach %s: %s',
  CONNECT_TIMEOUT: '%s did not answer within %s ms',
  PROGRAM_NOT_STARTED: 'cannot reach %s: %s cannot be started: %s',
  PROGRAM_ENDED: 'cannot reach %s: %s %s before rexad --stdio answered%s',
  PROGRAM_BANNER:
    'cannot reach %s: %s wrote %s, and rexad --stdio must be the first to write to stdout there; remove what the shell prints at startup',
  LOCAL_START_FAILED: 'the local rexad did not start: %s; its log is %s',
  LINK_LOST: 'the connection to %s was lost: %s',
  DENIED: '%s: %s (%s)',
  REFUSED: '%s refused: %s (%s)',
  ABANDONED: 'disconnected before the outcome was known; the command may have run',
  LINE_SHELL_ENCODING:
    'the line shell cannot use the encoding %s: %s; choose another one, or rexa shell without --line',
  SHELL_UNUSABLE: 'cannot open a shell on %s: %s',
  RUN_FAILED: '%s: %s',
  CLOSED: 'the %s is closed',
} as const;

/**
 * The catalogue of errors. Callers match on `code`, never on the text. Each `%s` is replaced by a detail, in order.
 * Control characters in details are escaped, because details may come from the peer.
 */
export const CATALOGUE = { ...LINK_ERRORS, ...CHANNEL_ERRORS, ...LOCAL_ERRORS } as const;

export type ErrorCode = keyof typeof CATALOGUE;

const BRAND = Symbol.for('rexa.RexaError');

/** The error class of rexa: a code of the catalogue, its text, and the cause. */
export class RexaError extends Error {
  override readonly name: string = 'RexaError';
  readonly code: ErrorCode;

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /**
   * @param details the values for each `%s` of the catalogue's text, in order
   * @param options `cause`: the underlying error, if there is one
   */
  constructor(code: ErrorCode, details: readonly (string | number | bigint)[] = [], options?: ErrorOptions) {
    super(fillText(CATALOGUE[code], details), options);
    this.code = code;
  }
}

/** Each entry point of the package is a bundle with its own copy of the class; `instanceof` accepts them all. */
Object.defineProperty(RexaError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this !== RexaError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && BRAND in value;
  },
});

/** Codes for what the host's system refused: a command that could not be started, a file. They are reported with the errno. */
const SYSTEM_CODES: readonly ErrorCode[] = [
  'ARGUMENTS_TOO_LONG',
  'CWD_UNUSABLE',
  'FILES_TARGET',
  'FILES_UNREADABLE',
  'FILE_NOT_EXECUTABLE',
  'FILE_NOT_FOUND',
  'SPAWN_FAILED',
];

/** Returns the symbolic errno, such as ENOENT, of what the host's system refused; null if there is none. */
export function errnoOf({ code, cause }: RexaError): string | null {
  const errno = (cause as { readonly code?: unknown } | undefined)?.code;
  if (!SYSTEM_CODES.includes(code) || typeof errno !== 'string') return null;
  return /^E[A-Z0-9]{1,20}$/.test(errno) ? errno : null;
}

function fillText(text: string, details: readonly (string | number | bigint)[]): string {
  let next = 0;
  return text.replaceAll('%s', () => showText(String(details[next++] ?? '')));
}
