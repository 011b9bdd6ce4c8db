import { userEnvironment } from '../../runtime/node-variables.ts';

/** Of an answer: what is longer is cut. */
const MAX_ANSWER_CHARACTERS = 64 * 1024;

/**
 * Returns the program of `SSH_ASKPASS`, if ssh(1) would ask by it: without a terminal where there is a display, before a
 * terminal by `SSH_ASKPASS_REQUIRE=prefer`, always by `force`, and never by `never`.
 */
export function chooseAskpass(hasTerminal: boolean, own: NodeJS.ProcessEnv = process.env): string | null {
  const { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: require, DISPLAY, WAYLAND_DISPLAY } = own;
  if (!program || require === 'never') return null;
  if (require === 'force') return program;
  const hasDisplay = Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
  return hasDisplay && (require === 'prefer' || !hasTerminal) ? program : null;
}

/** Asks by a program: its first line of output is the answer. @returns null when it fails, or was closed */
export async function askByProgram(program: string, question: string): Promise<string | null> {
  // Most calls ask nothing
  const { spawn } = await import('node:child_process');
  const child = spawn(program, [question.trimEnd()], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: userEnvironment(),
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  let answer = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    if (answer.length < MAX_ANSWER_CHARACTERS) answer += chunk;
  });
  if ((await ended) !== 0) return null;
  return answer.replace(/\r?\n.*$/s, '');
}
