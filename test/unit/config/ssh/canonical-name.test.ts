import { describe, expect, it } from 'vitest';
import { type CanonicalRules, findCanonicalName } from '../../../../src/config/ssh/canonical-name.ts';
import { makeConfigFolder } from '../../../fixtures/ssh-config/resolve-files.ts';

const RULES: CanonicalRules = { canonicalizeHostname: 'yes', canonicalDomains: ['a.example', 'b.example'] };
/** Names with an address. */
const KNOWN = ['h.b.example.', 'both.a.example.', 'both.b.example.', 'x.y.b.example.', 'whole.example.'];

const find = (name: string, rules: CanonicalRules) =>
  findCanonicalName(
    name,
    { ...RULES, ...rules },
    (names) => names.find((each) => KNOWN.includes(each)) ?? null,
  );

describe('the canonical name of a host', () => {
  it.each<[name: string, rules: CanonicalRules, canonical: string]>([
    ['h', {}, 'h.b.example'],
    ['both', {}, 'both.a.example'],
    ['h', { canonicalizeHostname: 'no' }, 'h'],
    ['h', { canonicalDomains: ['a.example', 'none', 'b.example'] }, 'h'],
    ['nowhere', {}, 'nowhere'],
    ['x.y', {}, 'x.y.b.example'],
    ['x.y', { canonicalizeMaxDots: 0 }, 'x.y'],
    ['whole.example.', {}, 'whole.example'],
    ['10.0.0.7', {}, '10.0.0.7'],
    ['h', { proxyJump: ['gate'] }, 'h'],
    ['h', { proxyCommand: 'nc %h %p' }, 'h'],
    ['h', { proxyCommand: null, proxyJump: [] }, 'h.b.example'],
    ['h', { canonicalizeHostname: 'always', proxyJump: ['gate'] }, 'h.b.example'],
  ])('of %s with %j is %s', (name, rules, canonical) => {
    expect(find(name, rules)).toBe(canonical);
  });

  it('has to be known without CanonicalizeFallbackLocal', () => {
    expect(() => find('nowhere', { canonicalizeFallbackLocal: false })).toThrow(
      'Could not resolve host "nowhere"',
    );
  });

  it('is what the files are read with again, and where the host is', () => {
    using config = makeConfigFolder({ findName: ([name = '']) => name });
    const lines = ['Host h.example', '  User again', 'Match canonical', '  Tag seen'];
    const file = config.write('config', `${lines.join('\n')}\nHost other\n  Port 9\n`);
    const resolve = (...words: readonly string[]) =>
      config.resolve('-F', file, ...words, 'h.example.').settings;
    expect(resolve('-o', 'CanonicalizeHostname=yes')).toMatchObject({
      hostName: 'h.example',
      user: 'again',
      tag: 'seen',
    });
    expect(resolve()).toEqual({});
  });

  it('is looked up by the system', () => {
    const rules: CanonicalRules = { canonicalizeHostname: 'yes', canonicalizeFallbackLocal: false };
    expect(() => findCanonicalName('no-such-name.invalid.', rules)).toThrow('Could not resolve host');
  });

  it('is found for the options alone, too', () => {
    using config = makeConfigFolder({ findName: ([name = '']) => name });
    const words = ['-F', 'none', '-o', 'CanonicalizeHostname=yes', 'h.example.'];
    expect(config.resolve(...words).settings.hostName).toBe('h.example');
  });
});
