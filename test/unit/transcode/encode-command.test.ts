import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { encodeCommand, type TextCommand } from '../../../src/transcode/encode-command.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';

const COMMAND: TextCommand = { file: 'printf', args: ['%s', '中文'], cwd: '/tmp', environment: { K: '值' } };

const gbk = (text: string): Buffer => iconv.encode(text, 'gbk');

describe('a command', () => {
  it('is written in its encoding: program, arguments, folder, environment', async () => {
    const command = { file: '/程序', args: ['%s', '中文'], cwd: '/目录', environment: { K: '值' } };
    expect(encodeCommand(command, await resolveEncoding('gbk'))).toEqual({
      file: gbk('/程序'),
      args: [gbk('%s'), gbk('中文')],
      cwd: gbk('/目录'),
      environment: [[gbk('K'), gbk('值')]],
    });
  });

  it('keeps the bytes that the host itself gave', async () => {
    const home = Buffer.from('/home/张三');
    const encoded = encodeCommand(
      { ...COMMAND, cwd: home, environment: { HOME: home } },
      await resolveEncoding('gbk'),
    );
    expect(encoded.cwd).toEqual(home);
    expect(encoded.environment).toEqual([[Buffer.from('HOME'), home]]);
  });

  it.each<[Partial<TextCommand>, string]>([
    [{ file: '😀' }, 'the program has 😀 (U+1F600), which the encoding gbk lacks'],
    [{ args: ['a', '😀'] }, 'argument 2 has 😀 (U+1F600), which the encoding gbk lacks'],
    [{ cwd: '/😀' }, 'the working directory has 😀 (U+1F600), which the encoding gbk lacks'],
    [
      { environment: { K: '😀' } },
      'the environment variable K has 😀 (U+1F600), which the encoding gbk lacks',
    ],
  ])('is refused by the name of the part that the encoding lacks something of: %j', async (part, message) => {
    const encoding = await resolveEncoding('gbk');
    expect(() => encodeCommand({ ...COMMAND, ...part }, encoding)).toThrow(
      expect.objectContaining({ code: 'UNMAPPABLE', message }),
    );
  });

  it('calls a command line what its user calls it', async () => {
    const encoding = await resolveEncoding('gbk');
    const command = { ...COMMAND, args: ['-c', '😀'] };
    expect(() => encodeCommand(command, encoding, () => 'the command line')).toThrow(
      /^the command line has 😀/,
    );
  });

  it.each(['utf-16', 'utf-16le', 'utf-32', 'utf-7'])(
    'is refused in %s, which does not contain ASCII',
    async (name) => {
      const encoding = await resolveEncoding(name);
      expect(() => encodeCommand(COMMAND, encoding)).toThrow(
        expect.objectContaining({ code: 'ENCODING_WITHOUT_ASCII' }),
      );
    },
  );

  it.each<Partial<TextCommand>>([
    { args: ['a\0b'] },
    { file: '\0' },
    { cwd: '/\0' },
    { environment: { 'K\0': '' } },
    { environment: { K: '\0' } },
  ])('is refused with a NUL character: %j', async (part) => {
    const encoding = await resolveEncoding('gbk');
    expect(() => encodeCommand({ ...COMMAND, ...part }, encoding)).toThrow(
      expect.objectContaining({ code: 'ARGUMENT_INVALID' }),
    );
  });
});
