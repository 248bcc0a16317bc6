/** The perfect hash finds every name of the table in any case, and nothing else. */
import { equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { FIELD_NAME_BYTES_MAX, FIELD_NAMES, FieldId, fieldIdOf } from './field-id.ts';
import { latin1 } from './testing/cases.ts';

const idOf = (name: string) => fieldIdOf(latin1(`:${name}:`), 1, 1 + name.length);

test('FieldId numbers the names in their order', () => {
  for (const [key, id] of Object.entries(FieldId)) {
    const name = key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
    equal(FIELD_NAMES[id], id === FieldId.other ? '' : name);
  }
  equal(FIELD_NAMES.length, Object.keys(FieldId).length);
  equal(Math.max(...FIELD_NAMES.map((name) => name.length)), FIELD_NAME_BYTES_MAX);
});

test('fieldIdOf() finds each name in any case', () => {
  for (const [id, name] of FIELD_NAMES.entries()) {
    if (id === FieldId.other) continue;
    const capitals = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    for (const spelling of [name, name.toUpperCase(), capitals]) equal(idOf(spelling), id);
  }
});

test('fieldIdOf() says other for a name that differs in one byte', () => {
  const tchar = [...Array(128).keys()]
    .map((code) => String.fromCharCode(code))
    .filter((character) => /[-!#$%&'*+.^_`|~0-9A-Za-z]/.test(character));
  for (const name of FIELD_NAMES.slice(1)) {
    for (let index = 0; index < name.length; index++) {
      for (const character of tchar) {
        if (character.toLowerCase() === name[index]) continue;
        const other = name.slice(0, index) + character + name.slice(index + 1);
        // Two known names may differ in one byte only; none do today.
        equal(idOf(other), FieldId.other, other);
      }
    }
    notEqual(idOf(`${name}x`), idOf(name));
    if (name.length > 1) notEqual(idOf(name.slice(0, -1)), idOf(name));
  }
});
