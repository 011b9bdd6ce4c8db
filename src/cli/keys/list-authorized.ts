import path from 'node:path';
import type { AuthorizedLine } from '../../auth/authorized-line.ts';
import { fingerprint } from '../../auth/public-key.ts';
import { expandHome } from '../../places/home-folder.ts';
import { showText, writeJsonLine } from '../../protocol/show-text.ts';
import { print } from '../output/print.ts';
import { type AuthorizedFile, readAuthorized } from './authorized.ts';
import type { KeysCall } from './call.ts';
import { describeReader, findLoginFiles, type LoginFiles } from './login-files.ts';
import { writeRows } from './write-rows.ts';

/** `rexa keys list --authorized`: the keys that the files of the daemon authorize, or the file that is named. */
export async function listAuthorized({ values, messages }: KeysCall): Promise<number> {
  const login = await findLoginFiles(values['daemon-config']);
  const places = values.file === undefined ? login.authorizedKeys : [path.resolve(expandHome(values.file))];
  const files = await Promise.all(places.map(readAuthorized));
  if (login.revokedKeys !== null)
    messages.warn(
      `rexad refuses the keys in ${showText(login.revokedKeys)}, also those that are listed here`,
    );
  for (const { lines, problem } of files) {
    if (problem !== null) messages.warn(problem.message);
    for (const line of lines) if (line.kind === 'unusable') messages.warn(line.problem.message);
  }
  const text = values.json ? writeJson(files) : files.map((each) => writeText(each, login)).join('\n');
  return print(text);
}

function writeJson(files: readonly AuthorizedFile[]): string {
  const authorized = files.flatMap(({ file, lines }) => lines.map((line) => describeLine(file, line)));
  const unusableFiles = files.flatMap(({ file, problem }) =>
    problem === null ? [] : [{ file, problem: problem.message }],
  );
  return writeJsonLine({ v: 1, authorized, unusableFiles });
}

/** A line that authorizes no login has a `problem`. */
function describeLine(file: string, line: AuthorizedLine) {
  const isUsable = line.kind === 'key';
  return {
    file,
    line: Number(line.where.slice(file.length + 1)),
    keyType: line.key?.type ?? null,
    fingerprint: line.key === null ? null : fingerprint(line.key),
    isAuthority: isUsable && line.options.certAuthority,
    options: isUsable ? line.optionText : '',
    comment: isUsable ? line.comment : '',
    problem: isUsable ? null : line.problem.message,
  };
}

function writeText({ file, lines }: AuthorizedFile, login: LoginFiles): string {
  const rows = lines.flatMap((line) =>
    line.kind === 'key'
      ? [
          [
            fingerprint(line.key),
            `${line.key.type}${line.options.certAuthority ? ' authority' : ''}`,
            line.comment,
            line.optionText,
          ],
        ]
      : [],
  );
  return `keys that are authorized in ${showText(file)}, ${describeReader(file, login)}:\n${writeRows(rows)}`;
}
