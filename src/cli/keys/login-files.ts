import path from 'node:path';
import * as v from 'valibot';
import { readConfigFile } from '../../config/config-file.ts';
import { expandHome, resolveNamed } from '../../places/home-folder.ts';
import { defaultAuthorizedKeys, unitConfigFile } from '../../places/login-files.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showText } from '../../protocol/show-text.ts';

/** The files by which the daemon of this account decides who may log in, as far as this program knows. */
export interface LoginFiles {
  /** In the order in which the daemon reads them. */
  readonly authorizedKeys: readonly [string, ...string[]];
  readonly revokedKeys: string | null;
  /** The configuration of the daemon that names them; null: they are the defaults of a daemon. */
  readonly config: string | null;
}

/** The part of a daemon's configuration that is about logins. `rexad` itself checks the rest. */
const loginSchema = v.looseObject({
  'authorized-keys': v.optional(v.union([v.string(), v.array(v.string())])),
  'revoked-keys': v.optional(v.string()),
});

/**
 * Finds the login files of the daemon of this account.
 * @param given its configuration (`--daemon-config`); by default that of the systemd unit, if there is one
 * @param unit where that is
 * @throws RexaError CONFIG_MISSING for a given one, CONFIG_INVALID, AUTH_FILE_*
 */
export async function findLoginFiles(
  given: string | undefined,
  unit: string = unitConfigFile(),
): Promise<LoginFiles> {
  const config = path.resolve(given === undefined ? unit : expandHome(given));
  const read = await readConfigFile(config, { schema: loginSchema });
  if (read === null && given !== undefined) throw new RexaError('CONFIG_MISSING', [config]);
  const resolve = (file: string): string => resolveNamed(file, path.dirname(config));
  const [first, ...further] = [read?.['authorized-keys'] ?? []].flat().map(resolve);
  const revoked = read?.['revoked-keys'];
  return {
    authorizedKeys: first === undefined ? defaultAuthorizedKeys() : [first, ...further],
    revokedKeys: revoked === undefined ? null : resolve(revoked),
    config: read === null ? null : config,
  };
}

/** A file that is changed, and the others by which the same daemon lets keys in. */
export interface ChosenFile {
  readonly file: string;
  readonly others: readonly string[];
}

/** Returns the file that is changed: the first that the daemon reads, or the given one, which stands alone. */
export function chooseFile({ authorizedKeys }: LoginFiles, given: string | undefined): ChosenFile {
  if (given !== undefined) return { file: path.resolve(expandHome(given)), others: [] };
  const [file, ...further] = authorizedKeys;
  return { file, others: further.filter((each) => each !== file) };
}

/** Describes which daemon reads a file, for a sentence such as `added to FILE, …`. */
export function describeReader(file: string, { authorizedKeys, config }: LoginFiles): string {
  if (!authorizedKeys.includes(file)) return 'which a rexad reads only if its authorized-keys names it';
  return config === null
    ? 'which rexad reads unless its --authorized-keys or configuration names other files'
    : `which rexad reads by ${showText(config)}`;
}
