import { describe, expect, it } from 'vitest';
import { printSettings } from '../../../../src/cli/ssh/print-settings.ts';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';

describe('rexa ssh -G', () => {
  it.each([
    ['', 'clearallforwardings no', 'exitonforwardfailure no'],
    ['-W a:1', 'clearallforwardings yes', 'exitonforwardfailure yes'],
    ['-W a:1 -oClearAllForwardings=no', 'clearallforwardings no', 'exitonforwardfailure yes'],
    ['-W a:1 -oExitOnForwardFailure=no', 'clearallforwardings yes', 'exitonforwardfailure no'],
    ['-oClearAllForwardings=yes', 'clearallforwardings yes', 'exitonforwardfailure no'],
    ['-oCanonicalizeHostname=always', 'canonicalizehostname always', 'canonicalizemaxdots 1'],
    ['-oCanonicalDomains=none', 'canonicalizehostname false', 'canonicaldomains none'],
  ])('%s prints what follows', async (options, ...lines) => {
    const words = options.split(' ').filter((word) => word !== '');
    const { host, settings } = resolveWords(parseWords(SSH_COMMAND, [...words, 'h']).said);
    const printed = (await printSettings(host, settings, settings)).split('\n');
    expect(printed).toEqual(expect.arrayContaining(lines));
  });
});
