import { findCommand, putText, typeText } from './edit-commands.ts';
import type { EditorState, EditorStep } from './editor-state.ts';
import type { Key } from './keys.ts';
import { acceptSearch, searchByKey, startSearch } from './search-commands.ts';

/** What a key does. */
export function editByKey(state: EditorState, key: Key): EditorStep {
  if (state.search !== null) {
    const step = searchByKey(state, state.search, key);
    return step ?? editByKey(acceptSearch(state, state.search), key);
  }
  if (key.kind === 'text') return typeText(state, key.text);
  if (key.kind === 'paste') return putText(state, key.text);
  if (key.name === 'ctrl-r' || key.name === 'ctrl-s') return startSearch(state);
  const command = findCommand(key.name);
  return command === null ? { state, effect: 'none' } : command(state);
}
