import { describe, expect, it } from 'vitest';
import { checkResult } from '../../../../src/cli/smoke/assertions/check-result.ts';
import { makeRunResult } from '../../../fixtures/run-result.ts';
import { listMistakes, readText } from '../../../fixtures/smoke-suite.ts';

/** What is wrong with the output of the one check of a file. */
async function findProblems(text: string, stdout: string, stderr = ''): Promise<readonly string[]> {
  const { tests } = await readText(text);
  const [check] = tests;
  if (check === undefined) throw new Error('there is no check');
  const files = { read: async () => null, readSnapshot: async () => null, mask: (each: string) => each };
  const problems = await checkResult(
    makeRunResult<string | Uint8Array>({ stdout, stderr }),
    check.expect,
    files,
  );
  return problems.map(({ property, message }) => `${property}: ${message}`);
}

const SOCKETS = `   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 46 1
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 46 1
   2: 0100007F:0050 0100007F:A679 01 00000000:00000000 03:00000D89 00000000     0        0 0 3
   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0
   1: B80D0120000000000000000001000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0
`;

describe('a check of a port', () => {
  it.each<[string, boolean]>([
    ['{tcp:8080: }', true],
    ['{tcp:8080: {ip: [127.0.0.1]}}', true],
    ['{tcp:8080: {ip: [0.0.0.0]}}', false],
    ['{tcp:22: {ip: 0.0.0.0}}', true],
    ['{tcp:80: }', false],
    ['{tcp:80: {listening: false}}', true],
    ['{tcp6:22: }', false],
    ['{tcp6:443: {ip: ["::"]}}', true],
    ['{tcp:443: {listening: true}}', true],
    ['{tcp6:53: {ip: ["2001:0db8::1"]}}', true],
    ['{tcp:53: }', false],
  ])('%s of these sockets passes: %s', async (port, passes) => {
    expect((await findProblems(`port: ${port}`, SOCKETS)).length === 0).toBe(passes);
  });
});

const FILE = `exists true
mode 644
owner root
group adm
size 5
filetype regular empty file
sha256 abcd
-- contents --
mode 777
hello
`;

describe('a check of a file', () => {
  it.each<[string, readonly string[]]>([
    ['{mode: "0644", owner: root, group: adm, size: 5, filetype: file, sha256: ABCD}', []],
    ['{mode: 0644}', []],
    ['{mode: "0600"}', ['stdout.mode: mode is 644, not 600']],
    ['{exists: false}', ['stdout.exists: exists is true, not false']],
    ['{linked-to: x}', ['stdout.linked-to: linked-to is not known']],
    ['{contents: [hello, /^h.*o$/, "!bye", "!/^b/"]}', []],
    ['{contains: bye}', ['stdout.contents: contents does not have bye']],
    ['{contains: "!hello"}', ['stdout.contents: contents has hello']],
    ['{contents: exists}', ['stdout.contents: contents does not have exists']],
  ])('with %s says %j', async (wanted, said) => {
    expect(await findProblems(`file: {/etc/x: ${wanted}}`, FILE)).toEqual(said);
  });
});

describe('a check of processes', () => {
  it.each<[string, readonly string[]]>([
    ['', []],
    ['{count: 2}', []],
    ['{count: 1}', ['stdout.count: count is 2, not 1']],
    ['{running: false}', ['stdout.running: running is true, not false']],
  ])('with %s says %j', async (wanted, said) => {
    expect(await findProblems(`process: {sshd: ${wanted}}`, 'sshd\nsshd\n')).toEqual(said);
  });

  it('knows a name by its first 15 characters, as Linux does', async () => {
    expect(await findProblems('process: {systemd-journald: }', 'systemd-journal\n')).toEqual([]);
  });
});

const ANSWERS = `HTTP/1.1 301 Moved Permanently
Location: /next

HTTP/2 200
content-type: text/html
`;

describe('a check over HTTP', () => {
  it.each<[string, string, readonly string[]]>([
    ['', ANSWERS, []],
    ['{status: 301}', ANSWERS, ['stderr.status: status is 200, not 301']],
    ['{headers: [text/html, "!Location"], body: [ok, "!bad"]}', ANSWERS, []],
    ['{body: bad}', ANSWERS, ['stdout.body: body does not have bad']],
    ['{status: 404}', '  HTTP/1.0 404 Not Found\r\n  Server: x\r\n', []],
    ['', 'curl: (7) no', ['stderr.status: status is not known']],
  ])('with %s says of %j: %j', async (wanted, stderr, said) => {
    expect(await findProblems(`http: {http://x/: ${wanted}}`, 'all is ok', stderr)).toEqual(said);
  });
});

describe('a check that cannot be made', () => {
  it.each([
    ['port: {22: }', /f\.yaml:1:8: 22 is no port; write it as tcp:22/],
    ['port: {tcp:99999: }', /no port/],
    ['http: {x.org: }', /f\.yaml:1:8: x\.org is no URL/],
    ["http: {'': }", /f\.yaml:1:8: '' is no URL/],
    ["port: {' tcp': }", /f\.yaml:1:8: ' tcp' is no port/],
    ['http: {http://x: {timeout: soon}}', /no duration/],
    ['http: {http://x: {request-headers: abc}}', /NAME: VALUE/],
    ['file: {/x: {modes: 1}}', /did you mean mode\?/],
    ['file: {/x: {contents: /(/}}', /regular expression/],
    ['process: [a]', /expected a map, not a list/],
    ['file: {/x: {title: a}}\nport: {tcp:1: {title: a}}', /another test with the title 'a'/],
  ])('is refused: %j', async (text, said) => {
    expect((await listMistakes(text))[0]).toMatch(said);
  });
});
