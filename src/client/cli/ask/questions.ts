import { showText } from '../../../protocol/show-text.ts';
import type { ConnectOptions, PassphraseQuestion, UnknownHost } from '../../run-types.ts';
import { askLine, askSecret } from './terminal.ts';

/** The questions of a login, to the person at the terminal. */
export function createQuestions(): Required<Pick<ConnectOptions, 'askHost' | 'passphrase'>> {
  /** A host is connected to more than once in a shell. */
  const given = new Map<string, string>();

  async function passphrase({ file, attempt }: PassphraseQuestion): Promise<string | null> {
    const known = attempt === 1 ? given.get(file) : undefined;
    const answer = known ?? (await askSecret(`rexa: passphrase of ${showText(file)}: `));
    if (answer !== null) given.set(file, answer);
    return answer;
  }

  return { askHost, passphrase };
}

async function askHost({ address, keyType, fingerprint }: UnknownHost): Promise<boolean> {
  let question =
    `rexa: ${showText(address)} is not known yet. It has shown that it holds this ${keyType} key:\n` +
    `rexa: ${fingerprint}\n` +
    'rexa: is that what its rexad prints at its start? (yes, no, or the fingerprint) ';
  for (;;) {
    const answer = (await askLine(question))?.trim() ?? 'no';
    if (/^yes$/i.test(answer) || answer === fingerprint) return true;
    if (/^no?$/i.test(answer)) return false;
    question = answer.startsWith('SHA256:')
      ? 'rexa: that is another fingerprint. (yes, no, or the fingerprint) '
      : 'rexa: please type yes, no, or the fingerprint: ';
  }
}
