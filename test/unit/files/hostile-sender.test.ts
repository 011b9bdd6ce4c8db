import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReceivePlan } from '../../../src/files/receive/receive-plan.ts';
import { makeFilesFolder } from '../../fixtures/files-folder.ts';
import {
  end,
  FINISH,
  feed,
  file,
  folder,
  hardlink,
  LEAVE,
  link,
  longFile,
  openReceiver,
  type RawRecord,
  writeRecords,
} from '../../fixtures/files-peer.ts';
import { listTree } from '../../fixtures/odd-tree.ts';

/** A destination in a folder with something outside of it that is not to be touched. */
function makeTarget(): { readonly outer: string; readonly target: string } {
  const outer = makeFilesFolder();
  const target = join(outer, 'target');
  mkdirSync(join(target, 'there'), { recursive: true });
  mkdirSync(join(outer, 'outside'));
  writeFileSync(join(outer, 'victim'), 'old');
  writeFileSync(join(outer, 'outside/file'), 'old');
  writeFileSync(join(target, 'there/kept'), 'kept');
  symlinkSync('../outside', join(target, 'out'));
  symlinkSync('../victim', join(target, 'to-victim'));
  return { outer, target };
}

const AFTER = [
  '/outside/',
  '/outside/file old',
  '/target/',
  '/target/there/',
  '/target/there/kept kept',
  '/victim old',
];

/** What is below a folder, without the links that were there. */
function listAll(outer: string): readonly string[] {
  return listTree(outer).filter((line) => !/^\/target\/(?:out|to-victim) ->/.test(line));
}

/** What a sender tries, what fails of it, and what is there afterwards beside what was there. */
type Row = readonly [title: string, records: readonly RawRecord[], failed: object, made: readonly string[]];

const BAD_NAMES = ['..', '.', '../x', 'a/b', '/etc/x', 'a\0b', './x', 'a/', '/'];

const ENTRIES: readonly Row[] = [
  ...BAD_NAMES.flatMap((name): readonly Row[] => [
    [`a file named ${JSON.stringify(name)}`, [file(0, name), FINISH], { 0: 'EINVAL' }, []],
    [`a symlink named ${JSON.stringify(name)}`, [link(0, name, 'x'), FINISH], { 0: 'EINVAL' }, []],
  ]),
  ...BAD_NAMES.filter((name) => name !== '.').map(
    (name): Row => [
      `a folder named ${JSON.stringify(name)} with a file`,
      [folder(0, name), file(1, 'x'), LEAVE, FINISH],
      { 0: 'EINVAL', 1: 'NO_FOLDER' },
      [],
    ],
  ),
  [
    'a folder in the place of a symlink',
    [folder(0, 'out'), file(1, 'file'), LEAVE, FINISH],
    { 0: 'ENOTDIR', 1: 'NO_FOLDER' },
    [],
  ],
  [
    'a symlink and a folder of the same name',
    [
      folder(0, 'd'),
      link(1, 'new', '../../outside'),
      folder(2, 'new'),
      file(3, 'file'),
      LEAVE,
      LEAVE,
      FINISH,
    ],
    { 2: 'ENOTDIR', 3: 'NO_FOLDER' },
    ['/target/d/', '/target/d/new -> ../../outside'],
  ],
  [
    'a symlink to an absolute folder, and a file below it',
    [
      folder(0, 'd'),
      link(1, 'abs', '/'),
      folder(2, 'abs'),
      folder(3, 'tmp'),
      file(4, 'x'),
      LEAVE,
      LEAVE,
      LEAVE,
      FINISH,
    ],
    { 2: 'ENOTDIR', 3: 'NO_FOLDER', 4: 'NO_FOLDER' },
    ['/target/d/', '/target/d/abs -> /'],
  ],
  ['a file in the place of a symlink', [file(0, 'to-victim'), FINISH], {}, ['/target/to-victim evil']],
  [
    'a file through a symlink that it made',
    [folder(0, 'd'), link(1, 'l', '../../victim'), file(2, 'l'), LEAVE, FINISH],
    {},
    ['/target/d/', '/target/d/l evil'],
  ],
  [
    'a hard link to a symlink that replaced the file',
    [
      folder(0, 'd'),
      file(1, 'f', 'x', { shared: true }),
      link(2, 'f', '../../victim'),
      hardlink(3, 'g', 1),
      LEAVE,
      FINISH,
    ],
    { 3: 'ESTALE' },
    ['/target/d/', '/target/d/f -> ../../victim'],
  ],
  [
    'one name for several sources',
    [link(0, 'l', '../victim'), file(1, 'l'), folder(2, 'l'), file(3, 'x'), LEAVE, FINISH],
    { 1: 'EEXIST', 2: 'EEXIST', 3: 'NO_FOLDER' },
    ['/target/l -> ../victim'],
  ],
  ['a hard link to a file that was not sent', [hardlink(0, 'g', 7), FINISH], { 0: 'ENOENT' }, []],
  [
    'a hard link to a file that was not announced as shared',
    [file(0, 'f'), hardlink(1, 'g', 0), FINISH],
    { 1: 'ENOENT' },
    ['/target/f evil'],
  ],
  [
    'a hard link named ..',
    [file(0, 'f', 'x', { shared: true }), hardlink(1, '..', 0), FINISH],
    { 1: 'EINVAL' },
    ['/target/f x'],
  ],
  ['a file in the place of a folder', [file(0, 'there'), FINISH], { 0: 'EISDIR' }, []],
  ['a symlink in the place of a folder', [link(0, 'there', 'x'), FINISH], { 0: 'EISDIR' }, []],
  [
    'a folder in the place of a file',
    [folder(0, 'there'), folder(1, 'kept'), file(2, 'x'), LEAVE, LEAVE, FINISH],
    { 1: 'ENOTDIR', 2: 'NO_FOLDER' },
    [],
  ],
  ['a symlink to a target with NUL', [link(0, 'l', 'a\0b'), FINISH], { 0: 'EINVAL' }, []],
  ['a name that is too long', [file(0, 'n'.repeat(256)), FINISH], { 0: 'ENAMETOOLONG' }, []],
  [
    'another hash than that of the data',
    [file(0, 'f', 'evil', { sha256: '0'.repeat(64) }), FINISH],
    { 0: 'MISMATCH' },
    [],
  ],
  ['a size that is wrong', [file(0, 'f', 'evil', { size: 1e15 }), FINISH], {}, ['/target/f evil']],
  [
    'long data with another hash',
    [longFile(0, 'f'), [null, 'evil'], end('good'), FINISH],
    { 0: 'MISMATCH' },
    [],
  ],
  [
    'long data with another length',
    [longFile(0, 'f'), [null, 'evil'], end('evil', { size: 5 }), FINISH],
    { 0: 'MISMATCH' },
    [],
  ],
  [
    'data that is given up',
    [longFile(0, 'f'), [null, 'evil'], [{ type: 'broken', again: false, code: 'EIO', message: 'x' }], FINISH],
    { 0: 'EIO' },
    [],
  ],
  [
    'data that begins again',
    [
      longFile(0, 'f'),
      [null, 'evil'],
      [{ type: 'broken', again: true, code: 'CHANGED', message: 'x' }],
      [null, 'new'],
      end('new'),
      FINISH,
    ],
    {},
    ['/target/f new'],
  ],
  [
    'a hole of 8 PiB',
    [
      longFile(0, 'f'),
      [{ type: 'hole', bytes: 2 ** 53 - 1 }],
      [{ type: 'hole', bytes: 2 ** 53 - 1 }],
      end(''),
      FINISH,
    ],
    { 0: 'EFBIG' },
    [],
  ],
  [
    'an attribute of the system',
    [longFile(0, 'f', { xattrs: [['security.capability', 'AAAA']] }), end(''), FINISH],
    {},
    ['/target/f '],
  ],
];

function unreadable(id: number, name: string, message = 'no'): RawRecord {
  return [{ type: 'unreadable', id, name, code: 'EIO', message }];
}

const DATA = Buffer.alloc(65_537, 'x');

/** What ends the transfer. */
const BROKEN: readonly (readonly [title: string, records: readonly RawRecord[]])[] = [
  ['a record of an unknown type', [[{ type: 'exec', command: 'id' }]]],
  ['a record that is a list', [[[1, 2]]]],
  ['a record that is a number', [[42]]],
  ['a file without a name', [[{ type: 'file', id: 0 }]]],
  ['an empty name', [file(0, '')]],
  ['a name of 5,000 characters', [file(0, 'n'.repeat(5000))]],
  ['a negative id', [file(-1, 'f')]],
  ['an id that is no whole number', [file(0.5, 'f')]],
  ['an id above 2^53', [file(2 ** 60, 'f')]],
  ['a mode with bits of the type', [file(0, 'f', 'x', { mode: 0o120_777 })]],
  ['a time that is no number', [file(0, 'f', 'x', { mtime: '1e9' })]],
  ['a hash that is none', [file(0, 'f', 'x', { sha256: 'abc' })]],
  ['a negative hole', [longFile(0, 'f'), [{ type: 'hole', bytes: -1 }]]],
  ['data without a file', [[null, 'evil']]],
  ['a hole without a file', [[{ type: 'hole', bytes: 1 }]]],
  ['an end without a file', [end('')]],
  ['data behind a folder', [[folder(0, 'd')[0], 'evil']]],
  ['a file within a file', [longFile(0, 'f'), file(1, 'g')]],
  ['a folder within a file', [longFile(0, 'f'), folder(1, 'g')]],
  ['a short file of 65,537 bytes', [file(0, 'f', DATA)]],
  ['a question with data', [file(0, 'f', 'x', { ask: true })]],
  ['more leaves than folders', [folder(0, 'd'), LEAVE, LEAVE]],
  ['content that was not asked for', [[{ type: 'content', id: 0, from: 0 }]]],
  [
    'content twice',
    [
      longFile(0, 'f', { ask: true }),
      [{ type: 'content', id: 0, from: 0 }],
      end(''),
      [{ type: 'content', id: 0, from: 0 }],
    ],
  ],
  ['an id twice', [longFile(0, 'f', { ask: true }), longFile(0, 'g', { ask: true })]],
  ['an id that descends', [folder(5, 'd'), file(4, 'f')]],
  ['the id of a file that is complete, for one that cannot be read', [file(0, 'f', 'x'), unreadable(0, 'g')]],
  ['the user 2^32 - 1', [file(0, 'f', 'x', { uid: 2 ** 32 - 1 })]],
  ['an end in the middle of a file', [longFile(0, 'f'), FINISH]],
  ['an end within a folder', [folder(0, 'd'), FINISH]],
  ['an end before what was asked for', [longFile(0, 'f', { ask: true }), FINISH]],
  ['a record behind the end', [FINISH, file(0, 'f')]],
  ['65 attributes', [longFile(0, 'f', { xattrs: Array.from({ length: 65 }, (_, n) => [`user.${n}`, '']) })]],
];

async function receive(
  target: string,
  records: readonly RawRecord[],
  plan: Partial<ReceivePlan> = {},
): ReturnType<typeof feed> {
  return feed(await openReceiver({ target, ...plan }), writeRecords(records));
}

describe('a receiver whose sender sends', () => {
  it.each(ENTRIES)('%s', async (_, records, failed, made) => {
    const { outer, target } = makeTarget();
    expect(await receive(target, records)).toEqual({ failed, error: null, isFinished: true });
    expect(listAll(outer)).toEqual([...AFTER, ...made].toSorted());
  });

  it.each(BROKEN)('%s: breaks off, and leaves nothing incomplete', async (_, records) => {
    const { outer, target } = makeTarget();
    expect(await receive(target, records)).toMatchObject({ error: 'FILES_PROTOCOL' });
    expect(listAll(outer).filter((line) => line.includes('.rexa-') || line.includes('evil'))).toEqual([]);
  });

  it('a symlink that is swapped in during the copy: stays in the folder that it has opened', async () => {
    const { outer, target } = makeTarget();
    const receiver = await openReceiver({ target });
    await receiver.receive(writeRecords([folder(0, 'dir'), file(1, 'before')]));
    renameSync(join(target, 'dir'), join(target, 'moved'));
    symlinkSync('../outside', join(target, 'dir'));
    await feed(receiver, writeRecords([file(2, 'after'), LEAVE, FINISH]));
    expect(readdirSync(join(outer, 'outside'))).toEqual(['file']);
    expect(readFileSync(join(target, 'moved/after'), 'utf8')).toBe('evil');
  });

  it('more folders inside each other than it keeps open, of which one was swapped: refuses what is below', async () => {
    const { outer, target } = makeTarget();
    const receiver = await openReceiver({ target });
    const deep = Array.from({ length: 100 }, (_, id) => folder(id, 'd'));
    await receiver.receive(writeRecords(deep));
    renameSync(join(target, 'd/d'), join(target, 'gone'));
    symlinkSync('../../outside', join(target, 'd/d'));
    const up = Array.from({ length: 98 }, () => LEAVE);
    const found = await feed(receiver, writeRecords([...up, file(100, 'file'), LEAVE, LEAVE, FINISH]));
    expect(Object.keys(found.failed)).toEqual(['100']);
    expect(readFileSync(join(outer, 'outside/file'), 'utf8')).toBe('old');
  });

  it('more than 16 MiB of results in one piece: answers all of them', async () => {
    const { target } = makeTarget();
    const names = Array.from({ length: 2000 }, (_, id) => file(id, id % 2 === 0 ? '..' : `f${id}`));
    const { failed } = await receive(target, [...names, FINISH]);
    expect(Object.keys(failed)).toHaveLength(1000);
  });

  it('a folder to be cleared, after a read error: removes nothing', async () => {
    const { target } = makeTarget();
    const broken: RawRecord = [{ type: 'unreadable', id: 1, name: 'x', code: 'EIO', message: 'no' }];
    const records = [folder(0, 'there'), broken, [{ type: 'leave', whole: true }] as RawRecord, FINISH];
    await receive(target, records, { deletes: true });
    expect(existsSync(join(target, 'there/kept'))).toBe(true);
  });

  it('a folder to be cleared that has a symlink to a folder: removes the symlink alone', async () => {
    const { outer, target } = makeTarget();
    symlinkSync('../../outside', join(target, 'there/out'));
    await receive(target, [folder(0, 'there'), LEAVE, FINISH], { deletes: true });
    expect(readdirSync(join(target, 'there'))).toEqual([]);
    expect(existsSync(join(outer, 'outside/file'))).toBe(true);
  });

  it('anything, in place: writes through no symlink', async () => {
    const { outer, target } = makeTarget();
    const { failed } = await receive(target, [file(0, 'to-victim'), FINISH], { isInPlace: true });
    expect(failed).toEqual({ 0: 'ELOOP' });
    expect(readFileSync(join(outer, 'victim'), 'utf8')).toBe('old');
  });

  const SITE = { roots: ['site'], isRecursive: true, asks: false };

  it.each<[string, Partial<ReceivePlan>, readonly RawRecord[]]>([
    ['a file under another name', { expects: SITE }, [file(0, '.bashrc')]],
    ['a folder under another name', { expects: SITE }, [folder(0, '.ssh'), file(1, 'authorized_keys')]],
    ['a symlink under another name', { expects: SITE }, [link(0, 'out', '/')]],
    [
      'a hard link under another name',
      { expects: SITE },
      [file(0, 'site', 'x', { shared: true }), hardlink(1, 'b', 0)],
    ],
    ['what it was asked for twice', { expects: SITE }, [folder(0, 'site'), LEAVE, folder(1, 'site')]],
    ['the destination itself', { expects: SITE, deletes: true }, [folder(0, '.'), LEAVE]],
    [
      'a question under another name',
      { expects: { ...SITE, asks: true } },
      [longFile(0, 'x', { ask: true })],
    ],
    ['a file without a question', { expects: { ...SITE, asks: true } }, [file(0, 'site')]],
    ['a file without a question, with --dry-run', { isDry: true }, [file(0, 'site')]],
  ])('and was not asked for, %s: breaks off, and leaves everything as it was', async (_, plan, records) => {
    const { outer, target } = makeTarget();
    expect(await receive(target, [...records, FINISH], plan)).toMatchObject({ error: 'FILES_PROTOCOL' });
    const made = listAll(outer).filter((line) => !/site/.test(line));
    expect(made).toEqual(AFTER);
  });

  it.each<[string, readonly RawRecord[]]>([
    ['a folder', [folder(0, 'site'), file(1, 'x'), LEAVE, FINISH]],
    ['a symlink', [link(0, 'site', '/'), FINISH]],
  ])('%s, and was asked without -r: refuses it', async (_, records) => {
    const { outer, target } = makeTarget();
    const { failed } = await receive(target, records, { expects: { ...SITE, isRecursive: false } });
    expect(failed[0]).toBe('EINVAL');
    expect(listAll(outer)).toEqual(AFTER);
  });

  it('a name that only the host knows: takes it for the destination, and not into a folder', async () => {
    const { outer, target } = makeTarget();
    const expects = { ...SITE, roots: [''] };
    expect(await receive(target, [folder(0, 'x'), LEAVE, FINISH], { expects })).toMatchObject({
      failed: { 0: 'EINVAL' },
    });
    const home = join(outer, 'home');
    expect(await receive(home, [folder(0, 'x'), file(1, 'f'), LEAVE, FINISH], { expects })).toMatchObject({
      failed: {},
      isFinished: true,
    });
    expect(readdirSync(home)).toEqual(['f']);
  });

  it('what it was asked for, once for each source: takes it', async () => {
    const { target } = makeTarget();
    const expects = { roots: ['a', 'a', '.'], isRecursive: true, asks: false };
    const records = [
      folder(0, 'a'),
      file(1, 'x'),
      LEAVE,
      folder(2, 'a'),
      file(3, 'y', 'second'),
      LEAVE,
      folder(4, '.'),
      file(5, 'b'),
      LEAVE,
      FINISH,
    ];
    expect(await receive(target, records, { expects })).toEqual({
      failed: {},
      error: null,
      isFinished: true,
    });
    expect(readFileSync(join(target, 'a/y'), 'utf8')).toBe('second');
  });

  it('4,098 folders inside each other: breaks off', async () => {
    const { target } = makeTarget();
    const deep = Array.from({ length: 4098 }, (_, id) => folder(id, 'd'));
    expect(await receive(target, deep, { isDry: true })).toMatchObject({ error: 'FILES_PROTOCOL' });
  });

  it('setuid bits with -p, to a principal that may write to a folder: does not keep them', async () => {
    const { target } = makeTarget();
    const uid = process.getuid?.() ?? 0;
    const gid = process.getgid?.() ?? 0;
    const records = [
      file(0, 'f', 'x', { mode: 0o6755, uid, gid }),
      folder(1, 'd', { mode: 0o6755, uid, gid }),
      LEAVE,
      file(2, 'g', 'x', { uid: 12_345, gid: 12_345 }),
      FINISH,
    ];
    await receive(target, records, { keepsAttributes: true, confinedTo: target });
    expect(['f', 'd'].map((name) => statSync(join(target, name)).mode & 0o7777)).toEqual([0o755, 0o755]);
    expect(statSync(join(target, 'g')).uid).toBe(uid);
  });

  it('setuid bits without -p: does not keep them', async () => {
    const { target } = makeTarget();
    await receive(target, [file(0, 'f', 'x', { mode: 0o6755 }), FINISH]);
    expect(statSync(join(target, 'f')).mode & 0o7000).toBe(0);
  });

  it.each(['..', 'out/x', '../target/x', 'there/../../x'])(
    'to a principal that may write to a folder, and the target %s: refuses',
    async (path) => {
      const { target } = makeTarget();
      const opened = openReceiver({ target: `${target}/${path}`, confinedTo: target });
      if (path === '../target/x') await expect(opened).resolves.toBeDefined();
      else await expect(opened).rejects.toMatchObject({ code: 'FILES_TARGET' });
    },
  );
});
