import { on } from 'node:events';
import { Socket } from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { leaveSession } from '../../runtime/leave-session.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import { openCalledHost } from '../host/open-called-host.ts';
import { createMessages, flushMessages } from '../output/messages.ts';
import { closeInherited } from './close-inherited.ts';
import { shareHost } from './share-host.ts';
import { SHARE_MARK } from './share-mark.ts';
import { READY, readPlan } from './start-sharing.ts';

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
    const host = await openCalledHost(plan.called, { ...plan.given, share: null }, messages);
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
