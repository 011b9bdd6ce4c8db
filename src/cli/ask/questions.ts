import type {
  ChangedHostKeys,
  ConnectOptions,
  PassphraseQuestion,
  UnknownHost,
} from '../../client/run-types.ts';
import { showText } from '../../protocol/show-text.ts';
import { holdTerminal } from '../output/drawn-lines.ts';
import { flushMessages } from '../output/messages.ts';
import { askByProgram, chooseAskpass } from './askpass.ts';
import { askLine, askSecret, hasTerminal } from './terminal.ts';

type Questions = Required<Pick<ConnectOptions, 'askHost' | 'passphrase'>> & {
  /** Asks whether the keys of a host are to be updated. */
  updateHostKeys(update: ChangedHostKeys): Promise<boolean>;
};
type Ask = (question: string) => Promise<string | null>;

/** Returns the questions of a login, asked on the terminal or by `SSH_ASKPASS`; null where neither is available. */
export function createQuestions(): Questions | null {
  const isThere = hasTerminal();
  const program = chooseAskpass(isThere);
  if (program !== null) {
    const ask: Ask = (question) => askByProgram(program, question);
    return questionsBy(ask, ask);
  }
  return isThere ? questionsBy(onTerminal(askLine), onTerminal(askSecret)) : null;
}

/** Messages are written asynchronously: those from before the question come first. */
function onTerminal(ask: Ask): Ask {
  return (question) =>
    holdTerminal(async () => {
      await flushMessages();
      return ask(question);
    });
}

function questionsBy(ask: Ask, askHidden: Ask): Questions {
  /** A host is connected to more than once in a shell. */
  const given = new Map<string, string>();

  async function passphrase({ file, attempt }: PassphraseQuestion): Promise<string | null> {
    const known = attempt === 1 ? given.get(file) : undefined;
    const answer = known ?? (await askHidden(`rexa: passphrase for ${showText(file)}: `));
    if (answer !== null) given.set(file, answer);
    return answer;
  }

  return {
    askHost: (host) => askHost(host, ask),
    passphrase,
    updateHostKeys: (update) => askUpdate(update, ask),
  };
}

async function askUpdate({ address, added, removed }: ChangedHostKeys, ask: Ask): Promise<boolean> {
  const list = (what: string, keys: ChangedHostKeys['added']): string[] =>
    keys.map(({ keyType, fingerprint }) => `rexa: ${what} ${keyType} ${fingerprint}`);
  const lines = [
    `rexa: the host ${showText(address)} has updated its keys, and has proven them:`,
    ...list('new key:', added),
    ...list('key that it has no more:', removed),
    'rexa: accept updated host keys? (yes or no) ',
  ];
  const answer = (await ask(lines.join('\n')))?.trim() ?? 'no';
  return /^yes$/i.test(answer);
}

async function askHost({ address, keyType, fingerprint }: UnknownHost, ask: Ask): Promise<boolean> {
  /** A wrong fingerprint is evidence against the host: `yes` does not outweigh it. */
  let isMismatched = false;
  let question =
    `rexa: the host ${showText(address)} is unknown. Its ${keyType} key has the fingerprint\n` +
    `rexa: ${fingerprint}\n` +
    'rexa: compare it with the one that "rexad status" shows there. Trust this key? (yes, no, or the fingerprint) ';
  for (;;) {
    const answer = (await ask(question))?.trim() ?? 'no';
    if (/^no?$/i.test(answer)) return false;
    const typed = findFingerprint(answer);
    if (typed === fingerprint) return true;
    if (typed !== null) isMismatched = true;
    if (/^yes$/i.test(answer) && !isMismatched) return true;
    question = isMismatched
      ? 'rexa: that is not the key of this host; only its fingerprint is accepted now. (no, or the fingerprint) '
      : 'rexa: please type yes, no, or the fingerprint: ';
  }
}

/** Finds a fingerprint in an answer, which may be a line of ssh-keygen -l, or have no prefix. Any other hash is one too. */
function findFingerprint(answer: string): string | null {
  const [sha256] = /SHA256:[A-Za-z0-9+/]*/.exec(answer) ?? [];
  if (sha256 !== undefined) return sha256;
  if (/^[A-Za-z0-9+/]{43}=?$/.test(answer)) return `SHA256:${answer.slice(0, 43)}`;
  return /^(MD5:)?([0-9a-f]{2}:){15}[0-9a-f]{2}$/i.test(answer) ? answer : null;
}
