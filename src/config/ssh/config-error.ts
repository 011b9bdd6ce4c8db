import { RexaError } from '../../protocol/errors.ts';

/** Creates the error that ends the reading of ssh_config files, with a sentence in OpenSSH's words. */
export function invalid(sentence: string): RexaError {
  return new RexaError('SSH_CONFIG_INVALID', [sentence]);
}
