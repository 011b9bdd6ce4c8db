import path from 'node:path';
import { addAuthorizedKey, type NewOption } from '../../auth/authorize-line.ts';
import { readGuardedFile } from '../../auth/guarded-file.ts';
import { fingerprint, type PublicKey, parsePublicKey } from '../../auth/public-key.ts';
import { summarizePrivateKey } from '../../auth/read-private-key.ts';
import { configFolder } from '../../client/config/load-config.ts';
import { expandHome } from '../../client/config/settle-host.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../../protocol/limits.ts';
import { showText } from '../../protocol/show-text.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { writeStandardOutput } from '../output/standard-output.ts';
import type { KeysCall } from './call.ts';
import { findInSshFile } from './other-lines.ts';
import { listLines, readStdin } from './read-words.ts';

interface NewKey {
  readonly key: PublicKey;
  readonly comment: string;
}

/** `rexa keys authorize`: lets public keys log in here. */
export async function authorizeKeys({ values, words, messages }: KeysCall): Promise<number> {
  const [from = '-'] = words;
  const keys = await readKeys(from);
  if (keys.length === 0) throw usageError(`there is no key in ${from === '-' ? 'stdin' : from}`);
  const file = path.resolve(expandHome(values.to ?? path.join(configFolder(), 'authorized_keys')));
  const options = listOptions(values);
  let status = 0;
  for (const { key, comment } of keys) {
    const other = values.to === undefined ? await findInSshFile(key) : null;
    if (other !== null)
      messages.warn(`${showText(other)} lets this key in too, where the new line does not; see to both`);
    const isNew = await addAuthorizedKey(file, homeFolder(), key, options, comment);
    if (!isNew) {
      messages.fail(
        `${file} holds the key ${fingerprint(key)} already; remove its line there to give it another`,
      );
      status = EXIT_REXA_FAILED;
    } else if (!(await writeStandardOutput(`${fingerprint(key)} may log in, by ${showText(file)}\n`))) {
      return EXIT_STDOUT_CLOSED;
    }
  }
  return status;
}

/** All keys of a file or of stdin, or none: one that is broken stops the others. */
async function readKeys(from: string): Promise<readonly NewKey[]> {
  const whole = from === '-' ? await readStdin() : await readPublicFile(expandHome(from));
  if (whole.includes('-----BEGIN ')) return [ofPrivateKey(whole, from)];
  return listLines(whole).map((line) => parsePublicKey(line, from === '-' ? 'on stdin' : from));
}

async function readPublicFile(file: string): Promise<string> {
  const content = await readGuardedFile(file, { kind: 'public', maxBytes: MAX_AUTHORIZED_KEYS_BYTES });
  if (content === null || content === 'unchanged')
    throw new RexaError('AUTH_FILE_UNREADABLE', [file, 'there is no such file']);
  return content.bytes.toString('utf8');
}

/** Whoever names the private key means the public one that it shows. */
function ofPrivateKey(whole: string, name: string): NewKey {
  const { publicKey } = summarizePrivateKey(whole, name);
  if (publicKey === null)
    throw new RexaError('KEY_UNSUPPORTED', [name, `its public key is hidden: name ${name}.pub`]);
  return { key: publicKey, comment: '' };
}

/** In the order in which sshd(8) lists them; `restrict` comes before what it leaves. */
function listOptions(values: KeysCall['values']): readonly NewOption[] {
  const valued = (name: string, value: string | undefined): readonly NewOption[] =>
    value === undefined ? [] : [{ name, value }];
  if (values.principals !== undefined && !values['cert-authority'])
    throw usageError('--principals is for --cert-authority');
  return [
    ...(values['cert-authority'] ? ['cert-authority'] : []),
    ...(values.restrict ? ['restrict'] : []),
    ...(values.pty ? ['pty'] : []),
    ...valued('command', values.command),
    ...valued('from', values.from),
    ...valued('expiry-time', values.expires),
    ...valued('principals', values.principals),
    ...values.environment.map((value) => ({ name: 'environment', value })),
  ];
}
