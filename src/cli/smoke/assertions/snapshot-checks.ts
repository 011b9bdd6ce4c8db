import {
  anything,
  boolean,
  type Field,
  filledText,
  mapped,
  oneOrMore,
  readFields,
  schemaOf,
  text,
} from '../parse/fields.ts';
import { MistakeError } from '../parse/mistake.ts';
import { isMap, type YamlValue } from '../parse/yaml-value.ts';
import { normalizeText } from './go-text.ts';
import { type Check, check, compareTexts, readPattern } from './make-check.ts';
import { type ScrubRule, scrub } from './scrub.ts';

const SCRUB_RULE = {
  match: mapped(filledText('A regular expression'), (pattern, value) => {
    return new RegExp(readPattern(pattern, value), 'gmu');
  }),
  replace: text('Replacement; $1 is the text of its first group'),
};

const SNAPSHOT = {
  file: filledText('The file, relative to the file of tests'),
  scrub: {
    about: 'What differs from run to run',
    schema: { type: 'array', items: schemaOf(SCRUB_RULE) },
    read: (value: YamlValue) => oneOrMore('', { ...anything(''), read: readScrubRule }).read(value),
  },
  normalize: boolean(
    'Whether escape sequences, times, temporary paths, UUIDs and ports are taken out. Default: true',
  ),
};

function readScrubRule(value: YamlValue): ScrubRule {
  const { values } = readFields(value, SCRUB_RULE);
  if (values.match === undefined) throw new MistakeError(value.place, 'match is missing here');
  return { match: values.match, replace: values.replace ?? '' };
}

/** A snapshot: the name of its file, or a map. */
export function readSnapshotField(): Field<readonly Check[]> {
  const about = 'A file that holds the output of an earlier run; --update-snapshots writes it';
  return {
    about,
    schema: { anyOf: [{ type: 'string', minLength: 1 }, schemaOf(SNAPSHOT)], description: about },
    read(value) {
      if (!isMap(value)) return [checkSnapshot(filledText('').read(value), (got) => scrub(got, []))];
      const { values } = readFields(value, SNAPSHOT);
      if (values.file === undefined) throw new MistakeError(value.place, 'file is missing here');
      const rules = values.scrub ?? [];
      const isPlain = values.normalize === false;
      return [
        checkSnapshot(values.file, (got) =>
          isPlain
            ? rules.reduce((changed, { match, replace }) => changed.replace(match, replace), got)
            : scrub(got, rules),
        ),
      ];
    },
  };
}

function checkSnapshot(path: string, normalize: (text: string) => string): Check {
  return check(`is as in the snapshot ${path}`, async ({ text: raw }, files) => {
    const got = normalizeText(normalize(files.mask(raw)));
    if (files.writeSnapshot !== undefined) {
      const problem = await files.writeSnapshot(path, `${got}\n`);
      return problem === null ? null : { message: problem, actual: got };
    }
    const kept = await files.readSnapshot(path);
    if (kept === null)
      return { message: `there is no snapshot ${path}; --update-snapshots writes it`, actual: got };
    return compareTexts(
      normalizeText(kept),
      got,
      `differs from the snapshot ${path} (--update-snapshots writes it anew)`,
    );
  });
}
