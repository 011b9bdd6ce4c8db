import { describe, expect, it } from 'vitest';
import { readHostLines } from '../../../../src/cli/smoke/plan/choose-targets.ts';
import { keyOf, makePlan, type Selection } from '../../../../src/cli/smoke/plan/make-plan.ts';
import type { Config } from '../../../../src/client/config/config-schema.ts';
import { readText } from '../../../fixtures/smoke-suite.ts';

const ALL: Selection = {
  hosts: [],
  filters: [],
  tags: [],
  skipTags: [],
  failed: null,
  shard: null,
  repeat: 1,
};

const SUITE = `
nodes:
  web: {type: ssh, addr: 10.0.0.1:22, user: root, identity-file: key}
  box: {type: local}
tests:
  a: {tags: [fast]}
  b: {tags: [slow], needs: c}
  c: {tags: [fast]}
  d (x): {skip: true}
`;

async function plan(selection: Partial<Selection>, text = SUITE, config: Config | null = null) {
  const suite = await readText(text);
  const { cases, lanes } = makePlan([suite], { ...ALL, ...selection }, config);
  return { cases, lanes, names: cases.map(({ title, target }) => `${target.label} ${title}`) };
}

describe('a plan', () => {
  it.each<[string, Partial<Selection>, readonly string[]]>([
    ['everything', {}, ['a', 'c', 'b', 'd (x)']],
    ['a text', { filters: ['(x)'] }, ['d (x)']],
    ['a regular expression', { filters: ['^[ad]'] }, ['a', 'd (x)']],
    ['one of two texts', { filters: ['^a$', '^c$'] }, ['a', 'c']],
    ['what a test needs', { filters: ['^b$'] }, ['c', 'b']],
    ['a tag', { tags: ['fast'] }, ['a', 'c']],
    ['all but a tag', { skipTags: ['slow'] }, ['a', 'c', 'd (x)']],
    ['what failed', { failed: new Set([keyOf('smoke.yaml', 'a', 'local')]) }, ['a']],
    ['a repetition', { filters: ['^a$'], repeat: 2 }, ['a (1 of 2)', 'a (2 of 2)']],
    ['nothing', { filters: ['nothing'] }, []],
  ])('selects %s, and puts what is needed in front', async (_name, selection, titles) => {
    const { cases } = await plan(selection);
    expect(cases.map(({ title }) => title)).toEqual(titles);
  });

  it('has each test in one shard, together with what it needs', async () => {
    const shards = await Promise.all([1, 2, 3].map((index) => plan({ shard: { index, count: 3 } })));
    const titles = shards.map(({ cases }) => cases.map(({ title }) => title));
    expect(titles.flat().toSorted()).toEqual(['a', 'b', 'c', 'd (x)']);
    expect(titles.filter((each) => each.includes('b'))).toEqual([['c', 'b']]);
  });

  it('puts the hosts of the command line in the place of those of the file', async () => {
    const text = 'config: {nodes: [x]}\ntests:\n  t:\n  u: {config: {nodes: [y, z]}}\n';
    expect((await plan({}, text)).names).toEqual(['x t', 'y u', 'z u']);
    expect((await plan({ hosts: ['w', 'w'] }, text)).names).toEqual(['w t', 'w u']);
  });

  it('finds a name among the nodes of the file, the hosts and the groups of the configuration', async () => {
    const config: Config = {
      hosts: { web: { address: 'unix:/run/web' } },
      groups: { all: { hosts: ['web', 'db'] }, web: { hosts: ['never'] } },
    };
    const targets = async (host: string, known: Config | null) =>
      (await plan({ hosts: [host], filters: ['^a$'] }, SUITE, known)).cases.map(({ target }) => target);
    expect(await targets('web', null)).toMatchObject([
      { called: 'ssh://root@10.0.0.1:22', identities: ['key'] },
    ]);
    expect(await targets('web', config)).toMatchObject([{ called: 'web', user: 'root' }]);
    expect(await targets('box', null)).toMatchObject([{ label: 'box', called: 'local' }]);
    expect((await targets('all', config)).map(({ called }) => called)).toEqual(['web', 'db']);
    expect(await targets('me@build1', null)).toMatchObject([
      { label: 'me@build1', called: 'build1', user: 'me' },
    ]);
  });

  it('has one lane for each connection, whatever its hosts are called', async () => {
    const { lanes } = await plan({ hosts: ['box', 'local', 'other'] });
    expect(lanes.map(({ target }) => target.called)).toEqual(['local', 'other']);
  });

  it('skips a test on the hosts that it is not for', async () => {
    const { cases } = await plan({ hosts: ['web1', 'db1'] }, 'tests:\n  t: {only-on: [web*]}\n');
    expect(cases.map(({ skip }) => skip)).toEqual([null, 'only on web*']);
  });

  it('refuses a test that needs one that runs elsewhere', async () => {
    await expect(plan({}, 'tests:\n  a: {config: {nodes: x}}\n  b: {needs: a}\n')).rejects.toThrow(
      "smoke.yaml:3:3: it needs 'a', which does not run on local",
    );
  });

  it('refuses to send the environment of this machine to another one', async () => {
    const text = 'tests:\n  t: {config: {inherit-env: true}}\n';
    await expect(plan({ hosts: ['build1'] }, text)).rejects.toThrow(
      'smoke.yaml:2:3: inherit-env is for local',
    );
    expect((await plan({ hosts: ['local', 'unix:/run/x'] }, text)).names).toHaveLength(2);
  });
});

describe('a file of hosts', () => {
  it('has one in each line, and comments', () => {
    expect(readHostLines('# all\nweb1\r\n  web2  # second\n\nbuild1#SHA256:abc\n')).toEqual([
      'web1',
      'web2',
      'build1#SHA256:abc',
    ]);
  });
});
