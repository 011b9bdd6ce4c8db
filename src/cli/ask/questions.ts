import type { ConnectOptions, PassphraseQuestion, UnknownHost } from '../../client/run-types.ts';
import { showText } from '../../protocol/show-text.ts';
import { flushMessages } from '../output/messages.ts';
import { askByProgram, chooseAskpass } from './askpass.ts';
import { askLine, askSecret, hasTerminal } from './terminal.ts';

type Questions = Required<Pick<ConnectOptions, 'askHost' | 'passphrase'>>;
type Ask = (question: string) => Promise<string | null>;

/** Returns the questions of a login, to the person at the terminal or by `SSH_ASKPASS`; null where nobody can be asked. */
export function createQuestions(): Questions | null {
  const isThere = hasTerminal();
  const program = chooseAskpass(isThere);
  if (program !== null) {
    const ask: Ask = (question) => askByProgram(program, question);
    return questionsBy(ask, ask);
  }
  return isThere ? questionsBy(behindMessages(askLine), behindMessages(askSecret)) : null;
}

/** A question comes behind what was said before it: messages are written aside. */
function behindMessages(ask: Ask): Ask {
  return async (question) => {
    await flushMessages();
    return ask(question);
  };
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

  return { askHost: (host) => askHost(host, ask), passphrase };
}

async function askHost({ address, keyType, fingerprint }: UnknownHost, ask: Ask): Promise<boolean> {
  let question =
    `rexa: the host ${showText(address)} is unknown. Its ${keyType} key has the fingerprint\n` +
    `rexa: ${fingerprint}\n` +
    'rexa: compare it with the one that its rexad prints at startup. Trust this key? (yes, no, or the fingerprint) ';
  for (;;) {
    const answer = (await ask(question))?.trim() ?? 'no';
    if (/^yes$/i.test(answer) || answer === fingerprint) return true;
    if (/^no?$/i.test(answer)) return false;
    question = answer.startsWith('SHA256:')
      ? 'rexa: the fingerprints differ. Trust the key? (yes, no, or the fingerprint) '
      : 'rexa: please type yes, no, or the fingerprint: ';
  }
}
