import type { PrivateKey } from '../../auth/private-key.ts';
import type { SystemCalls } from '../../process/system/system-calls.ts';
import type { Log } from '../../runtime/log.ts';
import type { OpenTranscript } from '../../services/talk/transcripts.ts';
import type { Audit } from '../audit/audit.ts';
import type { Daemon } from '../daemon.ts';
import type { ProbeLimits } from '../probe/probe-limits.ts';

/** A place where the daemon can be reached. */
export interface Listener {
  /** The address with the port that was taken, and without a pin. */
  readonly url: string;
  /** Of the host key; null off TLS. */
  readonly fingerprint: string | null;
  /**
   * Loads these files. @returns what makes the listener go by them from then on, and cannot fail
   * @throws RexaError what is wrong with them
   */
  load(login: LoginSources): Promise<() => void>;
  /**
   * Takes no new connections: from `drained` on where the daemon tells them that it leaves; else from now on, and what is
   * under way on them may end until the deadline.
   */
  close(deadline: Promise<unknown>, drained: Promise<unknown>): Promise<void>;
  /** Lets another daemon listen there, once this one has ended. */
  release(): void;
}

/** Where it stands who this host is, and who may log in. */
export interface LoginFiles {
  /** The first is served. None: the default place, made at first need. */
  readonly hostKeys: readonly string[];
  /** An OpenSSH certificate of that key; null: none. */
  readonly hostCertificate: string | null;
  /** In the order in which they are asked. */
  readonly authorizedKeys: readonly string[];
  readonly revokedKeys: string | null;
}

/** The same, with a host key that may be in memory. */
export type LoginSources = Omit<LoginFiles, 'hostKeys'> & {
  readonly hostKeys: PrivateKey | LoginFiles['hostKeys'];
};

/** What a listener needs of its daemon. */
export interface ListenContext {
  readonly daemon: Daemon;
  readonly system: SystemCalls;
  readonly log: Log;
  readonly audit: Audit;
  readonly login: LoginSources;
  readonly openTranscript: OpenTranscript;
  readonly datagrams: DatagramCounts;
  /** Of all listeners together. */
  readonly probeLimits: ProbeLimits;
}

/** What became of the datagrams that have arrived. */
export interface DatagramCounts {
  /** Probes that were answered. */
  answered: number;
  /** Probes that were not, since their source, or all of them, were too many. */
  limited: number;
  /** What was no probe. */
  dropped: number;
}
