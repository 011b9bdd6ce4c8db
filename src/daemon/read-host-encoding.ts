import { RexaError } from '../protocol/errors.ts';
import type { Log } from '../runtime/log.ts';
import { loadCLocale } from '../transcode/c-locale.ts';
import { resolveEncoding } from '../transcode/encoding.ts';
import { findHostEncoding } from '../transcode/host-encoding.ts';

/**
 * Finds the encoding of this host's locale, and warns of what is wrong with that.
 * @param environment locales that aren't installed are replaced in it: where commands get theirs from it, the same holds
 * for them
 */
export async function readHostEncoding(environment: NodeJS.ProcessEnv, log: Log): Promise<string> {
  const { name, corrections } = await findHostEncoding(environment, await loadCLocale());
  for (const { variable, fallback } of corrections) environment[variable] = fallback;
  const missing = corrections.find(({ isHabit }) => !isHabit);
  if (missing)
    log.warn(`the locale ${missing.locale} is not installed; commands run with ${missing.fallback}`, {
      variables: corrections.map(({ variable }) => variable),
    });
  try {
    await resolveEncoding(name);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    log.warn("the charset of the host's locale is not supported: bytes are passed as they are", {
      encoding: name,
      reason: error.message,
    });
  }
  return name;
}
