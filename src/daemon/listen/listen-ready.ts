import os from 'node:os';
import { peerPrincipal } from '../../auth/principal.ts';
import { RexaError } from '../../protocol/errors.ts';
import { accountName } from '../../services/run/environment.ts';
import { resolveEncoding } from '../../transcode/encoding.ts';
import type { Address } from '../../transports/address.ts';
import * as limits from '../limits.ts';
import type { PlainPeer } from '../plain-peers/check-peer.ts';
import { listenReadyStart, warnOfReadyStart } from '../ready-start/listen.ts';
import { createLineRunner } from '../ready-start/run-line.ts';
import { SpoolBudget } from '../ready-start/spool.ts';
import type { ListenContext, Listener } from './listener.ts';

type ReadyAddress = Extract<Address, { kind: 'ready' }>;

/**
 * Listens for Ready/Start peers, as the address's options say, and says loudly what that lacks.
 * @throws RexaError ADDRESS_INVALID for an option that is none, READY_NOT_LOOPBACK, LISTEN_FAILED, ENCODING_UNKNOWN
 */
export async function listenReady(address: ReadyAddress, context: ListenContext): Promise<Listener> {
  const options = readReadyOptions(address);
  // A name that is wrong is better told now than with every command.
  if (!['host', 'auto'].includes(options.encoding)) await resolveEncoding(options.encoding);
  const { log, audit, daemon } = context;
  const principal = ({ uid }: PlainPeer) => peerPrincipal({ uid, pid: null }, accountName());
  const facts = ({ port }: PlainPeer) => ({ wire: 'ready', port });
  const accepted = new WeakSet<PlainPeer>();
  const listener = await listenReadyStart({
    host: address.host,
    port: address.port,
    maxPeers: limits.READY_MAX_PEERS,
    service: {
      runCommand: createLineRunner(daemon, options),
      greeting: options.banner === '' ? '' : `${options.banner}\n`,
      limits: {
        maxReadBytes: limits.READY_READ_BYTES,
        maxQueuedCommands: limits.READY_QUEUED_COMMANDS,
        quietMs: limits.READY_QUIET_MS,
        splitCharacterMs: limits.READY_SPLIT_CHARACTER_MS,
        startTimeoutMs: limits.READY_START_TIMEOUT_MS,
        idleMs: limits.READY_IDLE_MS,
      },
      spool: {
        folder: os.tmpdir(),
        maxBytes: limits.READY_REPLY_BYTES,
        memoryBytes: limits.READY_REPLY_MEMORY_BYTES,
        budget: new SpoolBudget(limits.READY_SPOOL_TOTAL_BYTES),
      },
    },
    report: {
      handleAccepted(peer) {
        accepted.add(peer);
        audit.decide('accepted', principal(peer), facts(peer));
      },
      handleRefused(peer, error) {
        if (accepted.has(peer)) audit.refuse(principal(peer), error, facts(peer));
        else audit.decide('refused', principal(peer), { ...facts(peer), code: error.code });
      },
      handleCommand() {},
    },
  });
  log.warn(warnOfReadyStart(listener.url));
  return {
    url: listener.url,
    fingerprint: null,
    load: () => Promise.resolve(() => undefined),
    close: (deadline) => listener.close(deadline),
    release: () => undefined,
  };
}

/** @throws RexaError ADDRESS_INVALID */
export function readReadyOptions(address: ReadyAddress) {
  const { encoding = 'host', stderr = 'drop', banner = '', ...others } = Object.fromEntries(address.options);
  const wrong = Object.keys(others)[0];
  const url = `ready://${address.host}:${address.port}`;
  if (wrong !== undefined) {
    throw new RexaError('ADDRESS_INVALID', [
      url,
      `there is no option ${wrong}; there are encoding, stderr and banner`,
    ]);
  }
  if (stderr !== 'drop' && stderr !== 'merge')
    throw new RexaError('ADDRESS_INVALID', [url, 'stderr is merge or drop']);
  return { encoding, mergeStderr: stderr === 'merge', banner };
}
