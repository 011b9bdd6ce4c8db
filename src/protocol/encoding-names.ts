/** An encoding that a user can name. */
export interface EncodingName {
  /** Its name in results. */
  readonly name: string;
  readonly about: string;
  /** Aliases, without punctuation; iconv-lite knows more for some. */
  readonly aliases?: readonly string[];
}

/**
 * The supported encodings. Text is encoded in exactly the named one, never in a superset, which has a name of its own.
 */
export const ENCODING_NAMES = [
  { name: 'utf8', about: 'UTF-8, checked' },
  { name: 'utf16le', about: 'UTF-16, little endian: what Windows calls Unicode', aliases: ['ucs2'] },
  { name: 'utf16be', about: 'UTF-16, big endian' },
  { name: 'utf16', about: 'UTF-16 by its byte order mark' },
  { name: 'utf32le', about: 'UTF-32, little endian' },
  { name: 'utf32be', about: 'UTF-32, big endian' },
  { name: 'utf32', about: 'UTF-32 by its byte order mark' },
  { name: 'utf7', about: 'UTF-7; also utf7imap' },
  { name: 'cesu8', about: 'CESU-8, of Java and databases' },
  {
    name: 'gb18030',
    about: 'GB18030-2022: all of Unicode in Chinese',
    aliases: ['gb180302022', 'gb180302005', 'gb180302000'],
  },
  { name: 'gbk', about: 'simplified Chinese; cp936 of Windows' },
  { name: 'gb2312', about: 'simplified Chinese, its older and smaller charset; EUC-CN' },
  { name: 'hz', about: 'GB2312 in 7 bits', aliases: ['hzgb2312', 'hzgb'] },
  { name: 'big5', about: 'traditional Chinese' },
  { name: 'big5hkscs', about: 'traditional Chinese with the characters of Hong Kong' },
  { name: 'cp950', about: 'Big5 of Windows' },
  { name: 'euctw', about: 'traditional Chinese, CNS 11643', aliases: ['cns11643', 'cseuctw'] },
  { name: 'shiftjis', about: 'Japanese, JIS X 0208 alone' },
  {
    name: 'cp932',
    about: 'Shift_JIS of Windows, with ① and ㈱; Windows-31J',
    aliases: ['windows31j', 'ms31j', 'ms932', 'windows932', '932', 'ibm932', 'cp943', 'ibm943'],
  },
  { name: 'eucjp', about: 'Japanese, JIS X 0208 and 0212' },
  { name: 'cp51932', about: 'EUC-JP of Windows, with ① and ㈱' },
  {
    name: 'eucjpms',
    about: 'EUC-JP with all of the characters of cp932',
    aliases: ['eucjpwin', 'eucjpopen'],
  },
  {
    name: 'iso2022jp',
    about: 'Japanese in 7 bits, as mail has it',
    aliases: ['csiso2022jp', 'jis', 'cp50220', 'cp50221', 'iso2022jp1'],
  },
  { name: 'euckr', about: 'Korean, KS X 1001 alone' },
  { name: 'cp949', about: 'Korean with all syllables, of Windows', aliases: ['uhc', 'xwindows949'] },
  { name: 'johab', about: 'Korean, KS X 1001 annex 3', aliases: ['cp1361', 'windows1361', 'ksc5601johab'] },
  { name: 'iso2022kr', about: 'Korean in 7 bits', aliases: ['csiso2022kr'] },
  { name: 'iso88591', about: 'Latin-1; iso88592 to iso885916 likewise' },
  { name: 'windows1252', about: 'Latin-1 of Windows; windows1250 to windows1258 likewise' },
  { name: 'cp437', about: 'MS-DOS; cp737, cp850, cp852, cp866 and others likewise' },
  { name: 'koi8r', about: 'Russian; koi8u, koi8t likewise' },
  { name: 'macroman', about: 'the old Macintosh; maccyrillic and others likewise' },
  { name: 'tis620', about: 'Thai; windows874' },
  { name: 'tcvn', about: 'Vietnamese; viscii, windows1258' },
] as const satisfies readonly EncodingName[];

/** Special values of `--encoding`. */
export const ENCODING_MODES = [
  { name: 'host', about: "the charset of the host's locale; the default" },
  { name: 'auto', about: "found out from what is written: UTF-8, the host's charset, or GB18030" },
  { name: 'binary', about: 'bytes as they are' },
] as const satisfies readonly EncodingName[];
