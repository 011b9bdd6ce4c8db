import { addAuthorizedKey, type NewOption } from '../../auth/authorize-line.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { showText } from '../../protocol/show-text.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import { print } from '../output/print.ts';
import type { KeysCall } from './call.ts';
import { chooseFile, describeReader, findLoginFiles } from './login-files.ts';
import { readElsewhere } from './other-lines.ts';
import { readPublicKeys } from './read-public-keys.ts';

/** `rexa keys authorize`: lets public keys log in here. */
export async function authorizeKeys({ values, words, messages }: KeysCall): Promise<number> {
  const [from = '-'] = words;
  const keys = await readPublicKeys(from);
  if (keys.length === 0) throw usageError(`no key in ${from === '-' ? 'stdin' : from}`);
  const login = await findLoginFiles(values['daemon-config']);
  const { file, others } = chooseFile(login, values.to);
  const findElsewhere = await readElsewhere(others);
  const options = listOptions(values);
  let status = 0;
  for (const { key, comment } of keys) {
    const [other] = findElsewhere(fingerprint(key));
    if (other !== undefined)
      messages.warn(
        `${showText(other.where)} also allows this key; the options of the new line do not apply there`,
      );
    const isNew = await addAuthorizedKey(file, homeFolder(), key, options, comment);
    if (!isNew) {
      messages.fail(
        `${file} already has the key ${fingerprint(key)}; to change its options, revoke it first`,
      );
      status = EXIT_REXA_FAILED;
      continue;
    }
    const text = `${fingerprint(key)} added to ${showText(file)}, ${describeReader(file, login)}\n`;
    const printed = await print(text);
    if (printed !== 0) return printed;
  }
  return status;
}

/** In the order in which sshd(8) lists them; `restrict` comes before what it leaves. */
function listOptions(values: KeysCall['values']): readonly NewOption[] {
  const valued = (name: string, value: string | undefined): readonly NewOption[] =>
    value === undefined ? [] : [{ name, value }];
  if (values.principals !== undefined && !values['cert-authority'])
    throw usageError('--principals requires --cert-authority');
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
