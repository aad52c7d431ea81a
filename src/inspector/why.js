// Why a request was answered as it was: route, faults, error, quirks.
import { below, call, get, operations, quirks } from './api.js';
import { button, copyable, fill, h, link, toast } from './dom.js';
import { href } from './router.js';
import { sourceLines } from './source_view.js';

/** @param {Entry} entry */
export function why(entry) {
  const route = h('li', {});
  showRoute(route, entry);
  return h('ol', { class: 'why' }, route,
    entry.faults.map(id => fault(entry.session, id)),
    entry.error && error(entry.error, entry.operation !== null),
    entry.quirks.map(id => quirk(entry.session, id)),
    entry.faults.length === 0 && entry.quirks.length === 0 && !entry.error && h('li', { class: 'ok' }, h('h4', {}, entry.status < 400 ? 'Accepted' : 'Rejected by the operation itself'),
      h('p', {}, 'No fault, no quirk and no rule of the contract changed the response.')));
}

/** @param {HTMLElement} item @param {Entry} entry */
async function showRoute(item, entry) {
  if (entry.operation === null) {
    item.className = 'bad';
    fill(item, h('h4', {}, `No operation has ${entry.method} ${entry.path}`),
      entry.error?.nearest ? h('p', {}, 'The most similar operations: ', entry.error.nearest.split(/,\s*/).map((near, place) => [place > 0 && ', ', link(href('operations', [near]), near)]))
        : h('p', {}, 'No documented path is similar. ', link(href('operations'), 'All operations')));
    return;
  }
  fill(item, h('h4', {}, 'Route: ', link(href('operations', [entry.operation]), entry.operation)));
  const found = (await operations().catch(() => [])).find(one => `${one.method} ${one.path}` === entry.operation);
  if (!found) return;
  const serves = found.behaviour ? 'a handler in Rust' : `the generic handler${found.resource ? ` for ${found.resource} records` : ''} (${found.kind})`;
  item.append(h('p', {}, `Served by ${serves}; documented in ${found.file}:${found.line}.`));
}

/** @param {string} session @param {string} id */
function fault(session, id) {
  const text = h('p', {}, 'A fault that was added to this session changed the response.');
  get(below(session, 'faults')).then(({ faults }) => {
    const found = faults.find((/** @type {Fault} */ one) => one.id === id);
    const { applied, id: _, ...rest } = found ?? {};
    if (found) fill(text, h('code', {}, JSON.stringify(rest)), ` has taken part ${applied} times.`);
    else fill(text, 'The fault has been removed since.');
  }, () => {});
  const remove = button('Remove the fault', async () => {
    await call('DELETE', below(session, 'faults', id));
    toast(`Removed ${id}`);
    remove.disabled = true;
  }, { class: 'button small' });
  return h('li', { class: 'fault' }, h('h4', {}, 'Fault: ', link(href('control', [session]), id)), text, remove);
}

/** @param {RequestError} found @param {boolean} isRouted */
function error(found, isRouted) {
  const sentence = { missing: 'A required value is missing', invalid: 'A value is invalid', unauthorized: 'The token may not do this', not_found: 'The record does not exist' };
  const title = /** @type {Record<string, string>} */ (sentence)[found.code];
  return h('li', { class: 'bad' },
    h('h4', {}, title ? `${title}: ` : 'Error: ', h('code', {}, found.code)),
    found.pointer !== null && h('p', {}, 'At ', h('code', {}, found.pointer || '/'), ' of the request', found.rule && [', by the rule ', h('code', {}, found.rule)], '.'),
    found.contract && isRouted && sourceLines(found.contract),
    h('details', {}, h('summary', {}, 'Which side caused it, and what to do'), copyable(`standin explain ${found.code}`)));
}

/** @param {string} session @param {string} id */
function quirk(session, id) {
  const item = h('li', { class: 'quirk' }, h('h4', {}, 'Quirk: ', link(href('control', [session], { quirk: id }), id)));
  quirks().then(async list => {
    const found = list.get(id);
    if (!found) return;
    const state = await get(below(session, 'quirks')).catch(() => null);
    const toggle = h('button', { type: 'button', class: 'button small', onclick: async () => {
      const isOn = toggle.dataset.on === 'true';
      await call('PUT', below(session, 'quirks'), { switches: [`${isOn ? '-' : '+'}${id}`] });
      set(!isOn);
      toast(`${id} is ${isOn ? 'off' : 'on'} in session ${session}`);
    } });
    const set = (/** @type {boolean} */ isOn) => {
      toggle.dataset.on = String(isOn);
      toggle.textContent = `Switch ${isOn ? 'off' : 'on'} in session ${session}`;
    };
    set(state?.quirks?.[id] ?? true);
    item.append(h('dl', { class: 'sentences' }, h('dt', {}, 'on'), h('dd', {}, found.on), h('dt', {}, 'off'), h('dd', {}, found.off)),
      h('p', { class: 'quiet' }, 'Evidence: ', found.evidence.map(({ source, at, verified }) => `${source} ${at}${verified ? `, verified ${verified}` : ''}`).join('; ') || 'none', ` · ${found.file}:${found.line}`), toggle);
  }, () => {});
  return item;
}
