import type { SessionMode, SessionView } from '../../protocol/session.ts';

/** What a host tells of a terminal session; times are in ms since 1970 by the host's clock. */
export type SessionInfo = SessionView;

/** The option `session` of `host.run`: its terminal is that of a session of the host. */
export interface SessionOptions {
  readonly name: string;
  /**
   * `new`: the command is started in a new session; `join`: unless the session is there already, whatever runs in it;
   * `existing`: no command is started. Default `join`.
   */
  readonly open?: 'new' | 'join' | 'existing' | undefined;
  /** `view`: nothing is typed, and the size of the session is that of others. Default `drive`. */
  readonly mode?: SessionMode | undefined;
  /** Only this session, by the id that `handleSession` was told: not a later one of the same name. */
  readonly id?: string | undefined;
  /** Lines above the screen that are sent first. Default 0. */
  readonly historyLines?: number | undefined;
  /** Records a new session on the host, as asciicast v3. */
  readonly record?: RecordOptions | undefined;
  /** Called with what the session is, and whenever its clients or its size change. */
  readonly handleSession?: ((session: SessionInfo) => void) | undefined;
}

/** How a session is recorded. */
export interface RecordOptions {
  /** A new file on the host, relative to the home folder there. Default: one that the host names. */
  readonly file?: string | undefined;
  /** Whether keys are recorded too, but for those typed while the terminal does not echo lines. Default false. */
  readonly input?: boolean | undefined;
}

/** What a key may do with a session. */
export interface ShareOptions {
  /** Default `view`. */
  readonly mode?: SessionMode | undefined;
  /** Milliseconds after which the key is refused, and what it has attached is ended. Default: never. */
  readonly for?: number | undefined;
}

/** A key that may use a session. */
export interface SessionShare {
  readonly fingerprint: string;
  /** The file on the host that it stands in. */
  readonly file: string;
}

/** The terminal sessions of a host. */
export interface SessionsHost {
  /** Those that run, and those that ended within the hour. @throws RexaError */
  sessions(): Promise<readonly SessionInfo[]>;
  /** Returns what a session shows, row by row, without attributes. @throws RexaError SESSION_UNKNOWN, SESSION_ENDED */
  sessionScreen(name: string): Promise<readonly string[]>;
  /** Hangs up the terminal of a session; resolves when its program has ended. @throws RexaError SESSION_UNKNOWN, SESSION_ENDED */
  endSession(name: string): Promise<SessionInfo>;
  /**
   * Lets a key log in for nothing but a session.
   * @param key a line of a public key file @throws RexaError SESSION_SHARE_REFUSED
   */
  shareSession(name: string, key: string, options?: ShareOptions): Promise<SessionShare>;
  /** Takes that back, of one key or of all, and ends what they have attached. @returns fingerprints @throws RexaError SESSION_SHARE_UNKNOWN */
  unshareSession(name: string, key?: string): Promise<readonly string[]>;
}
