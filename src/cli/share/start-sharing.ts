import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';
import { RexaError } from '../../protocol/errors.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import type { HostOptions, ShareOptions } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { SHARE_MARK } from './share-mark.ts';

/** What the process in the background is told to do: plain data. */
export interface SharePlan {
  readonly called: string;
  readonly given: HostOptions;
  readonly options: ShareOptions;
  readonly path: string;
  readonly key: string;
  readonly isQuiet: boolean;
  readonly verbosity: number;
}

const DESCRIPTOR = 3;
/** What it says when it listens; anything else is why it does not. */
export const READY = 'ready';

/**
 * Starts a process that connects, and shares its connection. It asks its questions on our terminal; once it has logged in, it
 * belongs to the background.
 * @throws RexaError why it could not connect, SHARE_START_FAILED
 */
export async function startSharing(
  plan: Omit<SharePlan, 'isQuiet' | 'verbosity'>,
  messages: Messages,
): Promise<void> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? ''], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, [SHARE_MARK]: String(DESCRIPTOR) },
  });
  const failed = once(child, 'error').then(([cause]: Error[]) => {
    throw new RexaError('SHARE_START_FAILED', [cause?.message ?? ''], { cause });
  });
  failed.catch(() => undefined);
  const pipe = child.stdio[DESCRIPTOR] as Duplex;
  pipe.on('error', () => undefined);
  const verbosity = ([3, 2, 1] as const).find((level) => messages.isShown(level)) ?? 0;
  pipe.write(`${writePlan({ ...plan, isQuiet: messages.isQuiet, verbosity })}\n`);
  let said = '';
  pipe.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await Promise.race([new Promise((resolve) => pipe.once('close', resolve)), failed]);
  child.unref();
  if (said !== READY) throw readFailure(said);
}

/** Numbers may be infinite, which JSON has not. */
function writePlan(plan: SharePlan): string {
  return serialize(plan).toString('base64');
}

/** Reads what `startSharing` has written. */
export function readPlan(line: string): SharePlan {
  return deserialize(Buffer.from(line, 'base64')) as SharePlan;
}

function readFailure(said: string): RexaError {
  try {
    return toRexaError(JSON.parse(said) as { code: string; message: string });
  } catch {
    return new RexaError('SHARE_START_FAILED', ['it has ended without a word']);
  }
}
