import { on } from 'node:events';
import { Socket } from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { leaveSession } from '../../runtime/leave-session.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import type { HostOptions } from '../host/host-plan.ts';
import { openCalledHost } from '../host/open-called-host.ts';
import { createMessages, flushMessages } from '../output/messages.ts';
import { closeInherited } from './close-inherited.ts';
import { shareHost } from './share-host.ts';
import { SHARE_MARK } from './share-mark.ts';
import { READY, readPlan, type SharePlan } from './start-sharing.ts';

/** Signals of a terminal, whose foreground is not ours. */
const OF_TERMINALS = ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const;

/** The process in the background: connects, shares the connection, and ends when it was not used for long enough. */
export async function runSharer(): Promise<number> {
  const pipe = new Socket({ fd: Number(process.env[SHARE_MARK]) });
  pipe.on('error', () => undefined);
  delete process.env[SHARE_MARK];
  const plan = readPlan(await readLine(pipe));
  const messages = createMessages({ q: plan.isQuiet, v: plan.verbosity, color: undefined });
  try {
    const host = await openCalledHost(plan.called, givenOf(plan), messages);
    const { options, path, key } = plan;
    const sharing = await shareHost(host, { options, path, key, messages });
    await flushMessages();
    for (const signal of OF_TERMINALS) process.on(signal, () => undefined);
    const asked = new Promise((resolve) => process.once('SIGTERM', resolve));
    await leaveSession();
    await report(pipe, READY);
    closeInherited();
    await Promise.race([host.ended, sharing.whenUnusedFor(options.persistMs ?? 0), asked]);
    await sharing.close();
    return 0;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    await report(pipe, JSON.stringify({ code: error.code, message: error.message }));
    return EXIT_REXA_FAILED;
  }
}

/** Jump hosts were found where the words of the call are known. */
function givenOf({ given, jumps }: SharePlan): HostOptions {
  const found = new Map(jumps.flatMap(([named, jump]) => (jump === null ? [] : [[named, jump]])));
  if (found.size === 0) return { ...given, share: null };
  return {
    ...given,
    share: null,
    async findJump(named) {
      const jump = found.get(named);
      if (jump === undefined) throw new RexaError('INTERNAL', [`no jump host ${named} is known`]);
      return jump;
    },
  };
}

async function readLine(pipe: Socket): Promise<string> {
  let text = '';
  for await (const chunk of on(pipe, 'data', { close: ['end', 'close'] })) {
    text += String(chunk);
    if (text.endsWith('\n')) break;
  }
  return text.trimEnd();
}

/** Its last word. The process in the foreground may have exited. */
async function report(pipe: Socket, text: string): Promise<void> {
  await new Promise((resolve) => {
    pipe.once('close', resolve);
    pipe.end(text, () => pipe.destroy());
  });
}
