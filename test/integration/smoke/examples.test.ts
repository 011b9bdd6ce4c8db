import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER, startDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { listMistakes } from '../../fixtures/smoke-suite.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let folder: string;
const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...LAUNCHER_ENVIRONMENT,
  PATH: `${dirname(REXA_LAUNCHER)}${delimiter}${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-smoke-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('examples/ci', () => {
  it('has a shell script that deploys a service, tests it and keeps the reports', async () => {
    const script = join(ROOT, 'examples', 'ci', 'smoke.sh');
    const reports = join(folder, 'reports');
    const { stdout } = await promisify(execFile)('sh', [script], {
      env: { ...env(), REPORTS: reports, TOKEN: 'hunter2' },
    });
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ flaky, 0 skipped$/);
    expect(JSON.parse(readFileSync(join(reports, 'smoke.json'), 'utf8'))).toMatchObject({ exitStatus: 0 });
    expect(readFileSync(join(reports, 'smoke.xml'), 'utf8')).toContain('</testsuites>');
  });

  it('has files of YAML that can be read', async () => {
    const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
    expect(await listMistakes(read('examples/ci/smoke.yaml'))).toEqual([]);
    for (const name of ['examples/ci/github-workflow.yml', 'examples/ci/gitlab-ci.yml', 'action.yml'])
      expect(parse(read(name))).toBeTypeOf('object');
  });
});

describe('action.yml', () => {
  it('runs the files on the hosts, and writes the summary and the exit status', async () => {
    await using daemon = await startDaemon();
    const { runs } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
      runs: { steps: readonly { id?: string; run?: string }[] };
    };
    const script = runs.steps.find(({ id }) => id === 'smoke')?.run ?? '';
    const [summary, output] = [join(folder, 'summary'), join(folder, 'output')];
    const call = (): string =>
      execFileSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
        encoding: 'utf8',
        input: '',
        env: {
          ...env(),
          FILES: join(ROOT, 'test', 'fixtures', 'smoke', 'two-tests.yaml'),
          HOSTS: daemon.address,
          SMOKE_KEY: '',
          ARGUMENTS: '--skip-tag wrong',
          REPORTS: join(folder, 'action'),
          GITHUB_STEP_SUMMARY: summary,
          GITHUB_OUTPUT: output,
        },
      });
    expect(call()).toContain('1 passed, 0 failed');
    expect(readFileSync(summary, 'utf8')).toContain('## Smoke tests');
    expect(readFileSync(output, 'utf8')).toBe('exit-status=0\n');
  });
});

describe('checks of the state of a host', () => {
  it('see its ports, files, processes and what it answers over HTTP', async () => {
    await using daemon = await startDaemon();
    const server = createServer((request, response) => {
      response.writeHead(
        request.url?.startsWith('/old') ? 302 : request.url?.startsWith('/missing') ? 404 : 200,
        {
          location: '/new',
          'x-method': request.method,
        },
      );
      request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const programs = join(folder, 'wget-alone');
    mkdirSync(programs);
    for (const name of ['wget', 'grep']) symlinkSync(`/usr/bin/${name}`, join(programs, name));
    const withWget = `config: {env: {PATH: ${JSON.stringify(programs)}}}`;
    const text = `
port:
  tcp:${port}: {ip: 127.0.0.1}
file:
  "${REXA_LAUNCHER}": {filetype: file, contents: ["/^#!/", "!no such text"]}
  "${folder}/none": {exists: false}
  "${folder}": {filetype: directory, mode: "0700"}
process:
  rexad: {running: true}
http:
  ${url}/old: {headers: ["x-method: GET"], title: followed}
  "${url}/old#again": {status: 302, no-follow-redirects: true, title: not followed}
  ${url}/post: {method: POST, request-body: "hi 'there'", request-headers: ["X-A: b c"], body: "hi 'there'"}
  ${url}/old?wget: {headers: ["x-method: GET"], ${withWget}}
  ${url}/old?wget#again: {status: 302, no-follow-redirects: true, ${withWget}}
  ${url}/missing?wget: {status: 404, headers: ["x-method: GET"], body: "!found", ${withWget}}
  ${url}/none?wget: {method: POST, status: 200, title: posted by wget, ${withWget}}
`;
    try {
      const { stdout } = await runRexa(['smoke', '-', '--host', daemon.address], { input: text });
      // Without curl nothing but GET is asked for
      expect(stdout.toString()).toContain('posted by wget');
      expect(stdout.toString()).toContain('without curl only GET is asked for');
      expect(stdout.toString()).toContain('\n11 passed, 1 failed, 0 flaky, 0 skipped\n');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
