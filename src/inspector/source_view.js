// Lines of a contract.
import { getOnce } from './api.js';
import { fill, h } from './dom.js';

/** The lines of a contract, at a place such as `my-api/shop.yaml:10`. @param {string} place */
export function sourceLines(place) {
  const box = h('div', { class: 'source' });
  const at = place.lastIndexOf(':');
  const [file, line] = [place.slice(0, at), Number(place.slice(at + 1))];
  getOnce(`/source?${new URLSearchParams({ file, line: String(line) })}`).then(({ text }) => {
    const lines = String(text).split('\n');
    const shown = lines.slice(0, 24).map((one, index) => h('span', { class: index === 0 ? 'line first' : 'line' }, h('span', { class: 'number', 'aria-hidden': 'true' }, line + index), one));
    fill(box, h('p', { class: 'quiet' }, place), h('pre', { tabindex: '0', role: 'group', 'aria-label': `Lines of ${file}` }, shown, lines.length > 24 && h('span', { class: 'quiet' }, `… ${lines.length - 24} more lines`)));
  }, () => fill(box, h('p', { class: 'quiet' }, place)));
  return box;
}
