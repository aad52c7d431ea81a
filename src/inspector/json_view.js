// JSON as text with colours, and the differences of two values.
import { isExact } from './api.js';
import { h } from './dom.js';

/** More characters than this are not coloured. */
const MAX_COLOURED = 200_000;

/** A value as JSON. Texts for which `linkFor` knows a place are links. The value at `pointer` is marked, and where `expected` has
 * another value, both are shown.
 * @param {Json} value @param {{pointer?: string | null, expected?: Json, linkFor?: (text: string, name: string) => string | undefined, label?: string}} [options] */
export function jsonView(value, { pointer = null, expected = value, linkFor, label = 'JSON' } = {}) {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  const shown = h('pre', { class: 'json', tabindex: '0', role: 'group', 'aria-label': label });
  if (text.length > MAX_COLOURED) {
    shown.textContent = text;
    return shown;
  }
  write(shown, value, expected, '', '', '');

  /** @param {Element} parent @param {Json} one @param {Json} wanted @param {string} indent @param {string} at @param {string} name */
  function write(parent, one, wanted, indent, at, name) {
    const target = at === pointer && pointer !== '' ? parent.appendChild(h('mark', {})) : parent;
    if ((isLeaf(one) || isLeaf(wanted)) && JSON.stringify(one) !== JSON.stringify(wanted)) {
      target.append(h('ins', {}, JSON.stringify(wanted) ?? ''), ' ', h('del', {}, JSON.stringify(one) ?? ''));
      return;
    }
    if (isLeaf(one)) {
      scalar(target, one, name);
      return;
    }
    const isList = Array.isArray(one);
    const keys = Object.keys({ ...wanted, ...one });
    if (keys.length === 0) {
      target.append(isList ? '[]' : '{}');
      return;
    }
    target.append(isList ? '[' : '{');
    keys.forEach((key, place) => {
      target.append(`\n${indent}  `);
      if (!isList) target.append(h('span', { class: 'json-key' }, JSON.stringify(key)), ': ');
      write(target, one[key], wanted[key], `${indent}  `, `${at}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`, isList ? name : key);
      if (place < keys.length - 1) target.append(',');
    });
    target.append(`\n${indent}${isList ? ']' : '}'}`);
  }

  /** @param {Element} parent @param {Json} one @param {string} name */
  function scalar(parent, one, name) {
    const written = JSON.stringify(one) ?? 'null';
    const target = typeof one === 'string' || typeof one === 'number' ? linkFor?.(String(one), name) : undefined;
    const style = `json-${one === null ? 'null' : isExact(one) ? 'number' : typeof one}`;
    parent.append(target ? h('a', { href: target, class: style }, written) : h('span', { class: style }, written));
  }
  return shown;
}

/** @param {Json} value */
const isLeaf = value => value === null || typeof value !== 'object' || isExact(value);

/** A body of the journal. @param {BodyJson | null} body @param {string} label @param {string | null} [pointer] */
export function bodyView(body, label, pointer = null) {
  if (!body) return h('p', { class: 'quiet' }, 'No body.');
  if (body.json !== undefined) return jsonView(body.json, { pointer, label });
  const note = body.truncated ? `The first 64 KiB of ${body.size} bytes` : body.base64 === undefined ? '' : `${body.size} bytes in Base64`;
  return h('div', {}, note && h('p', { class: 'quiet' }, note), h('pre', { class: 'json', tabindex: '0', role: 'group', 'aria-label': label }, body.text ?? body.base64 ?? ''));
}

/** The leaves of a value by JSON pointer. @param {Json} value @param {string} [at] @param {Map<string, string>} [found] */
function leaves(value, at = '', found = new Map()) {
  if (value !== null && typeof value === 'object' && !isExact(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) leaves(inner, `${at}/${key}`, found);
  } else {
    found.set(at, JSON.stringify(value) ?? 'null');
  }
  return found;
}

/** The fields that differ between two values. @param {Json} before @param {Json} after @returns {{at: string, before?: string, after?: string}[]} */
export function differences(before, after) {
  const [old, now] = [before === null || before === undefined ? new Map() : leaves(before), after === null || after === undefined ? new Map() : leaves(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names.filter(at => old.get(at) !== now.get(at)).map(at => ({ at, before: old.get(at), after: now.get(at) }));
}

/** The differences of two values as a table: removed values, added values. @param {Json} before @param {Json} after */
export function diffView(before, after) {
  const changed = differences(before, after);
  if (changed.length === 0) return h('p', { class: 'quiet' }, 'No field has changed.');
  return h('div', { class: 'diff', role: 'table', 'aria-label': 'Changed fields' }, changed.map(({ at, before: old, after: now }) => h('div', { role: 'row' },
    h('code', { role: 'cell' }, at || '/'),
    h('span', { role: 'cell', class: 'diff-values' },
      old !== undefined && h('del', {}, old),
      now !== undefined && h('ins', {}, now)))));
}
