import type { Place } from '../../../config/yaml-place.ts';
import type { SuiteNode } from '../suite.ts';
import { expandVariables } from './expand-variables.ts';
import { boolean, type FieldValues, readFields, writtenText } from './fields.ts';
import { MistakeError } from './mistake.ts';
import type { YamlValue } from './yaml-value.ts';

/** A node, as commander has it. */
export const NODE_FIELDS = {
  type: writtenText('local, or ssh; docker is refused'),
  addr: writtenText('HOST or HOST:PORT'),
  user: writtenText('Who commands run as'),
  'identity-file': writtenText('A private key to log in with'),
  pass: writtenText('Refused: keys and the ssh-agent log in'),
  image: writtenText('Refused: of docker'),
  instance: writtenText('Refused: of docker'),
  privileged: boolean('Refused: of docker'),
  'docker-exec-user': writtenText('Refused: of docker'),
} as const;

type NodeValues = FieldValues<typeof NODE_FIELDS>;

const DOCKER_KEYS = ['image', 'instance', 'privileged', 'docker-exec-user'] as const;

const INSTEAD_OF_DOCKER =
  'docker nodes are not supported: run rexad in the container and name its address in the configuration, or write the command as docker exec NAME …';

/** @throws MistakeError */
export function readNode(name: string, value: YamlValue): SuiteNode {
  const { values, places } = readFields(value, NODE_FIELDS);
  const expand = (text: string | undefined): string | null =>
    text === undefined ? null : expandVariables(text, process.env);
  const place = (key: string): Place => places.get(key) ?? value.place;
  const type = expand(values.type) ?? '';
  refuseOthers(values, type, place);
  const address = expand(values.addr);
  if (type === '' && address !== null)
    throw new MistakeError(place('addr'), `type is missing here: with an addr it is ssh`);
  const own = {
    name,
    place: value.place,
    user: expand(values.user),
    identityFile: expand(values['identity-file']),
  };
  return { ...own, type: type === 'ssh' ? 'ssh' : 'local', address: type === 'ssh' ? address : null };
}

/** @throws MistakeError */
function refuseOthers(values: NodeValues, type: string, place: (key: string) => Place): void {
  if (type === 'docker') throw new MistakeError(place('type'), INSTEAD_OF_DOCKER);
  if (type !== '' && type !== 'ssh' && type !== 'local')
    throw new MistakeError(place('type'), `a node is local or ssh, not '${type}'`);
  const docker = DOCKER_KEYS.find((key) => values[key] !== undefined);
  if (docker !== undefined) throw new MistakeError(place(docker), INSTEAD_OF_DOCKER);
  if (values.pass !== undefined) {
    throw new MistakeError(
      place('pass'),
      'passwords are not supported: log in with a key (identity-file, or the ssh-agent) and leave pass out',
    );
  }
}
