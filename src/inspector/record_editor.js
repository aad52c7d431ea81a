// The form that creates or replaces a record: a control for each field of the schema, or JSON.
import { ApiError, below, call, get, getOnce } from './api.js';
import { button, dialog, field, fill, guarded, h, select, toast } from './dom.js';

/** @typedef {{name: string, control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, read: () => Json}} Field */

/** @param {{session: string, kind: string, record: Json, done: (record: Json) => void}} options `record` is null for a new one */
export async function recordEditor({ session, kind, record, done }) {
  const schema = await getOnce(`/schemas/${encodeURIComponent(kind)}`).catch(() => null);
  const given = { ...(record ?? {}) };
  // What the server hides would be written as it is shown.
  for (const [name, value] of Object.entries(given)) if (JSON.stringify(value).includes('<hidden>')) delete given[name];
  const fields = Object.entries(schema?.properties ?? {}).filter(([name]) => name !== 'id' && name !== 'uid')
    .map(([name, property]) => fieldOf(session, name, /** @type {Json} */ (property), given[name], (schema.required ?? []).includes(name) && record === null));
  const json = h('textarea', { class: 'mono', rows: '18', spellcheck: 'false', 'aria-label': 'The record as JSON' });
  const errors = h('div', { class: 'errors', role: 'alert' });
  let isJson = fields.length === 0;
  const body = h('div', { class: 'record-fields' });

  const collect = () => {
    const value = { ...given };
    for (const one of fields) {
      const read = one.read();
      if (read === undefined) delete value[one.name];
      else value[one.name] = read;
    }
    return value;
  };
  const draw = () => {
    if (isJson) json.value = JSON.stringify(collect(), null, 2);
    fill(body, isJson ? json : fields.map(one => field(one.name, one.control, hintOf(schema.properties[one.name]))));
    mode.textContent = isJson ? 'As a form' : 'As JSON';
  };
  const mode = button('', () => {
    if (isJson) {
      const value = JSON.parse(json.value);
      Object.keys(given).forEach(name => delete given[name]);
      Object.assign(given, value);
      for (const one of fields) one.control.value = textOf(given[one.name]);
    }
    isJson = !isJson;
    draw();
  }, { hidden: fields.length === 0 });
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    fill(errors);
    try {
      const value = isJson ? JSON.parse(json.value) : collect();
      const id = record ? String(record.id ?? record.uid) : '';
      if (record) delete value.uid;
      const saved = record ? await call('PUT', below(session, 'records', kind, id), value) : await call('POST', below(session, 'records', kind), value);
      toast(record ? `Saved ${kind} ${id}` : `Created ${kind} ${saved.id ?? ''}`);
      shown.close();
      done(saved);
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof SyntaxError)) throw error;
      fill(errors, error.message.split('\n').map(line => h('p', {}, line)));
    }
  };
  const shown = dialog(record ? `Edit ${kind}` : `Create a ${kind}`, close => h('form', { class: 'editor', onsubmit: guarded(save) }, body, errors,
    h('div', { class: 'actions end' }, mode, button('Cancel', close), h('button', { class: 'button primary' }, record ? 'Save' : 'Create'))));
  draw();
}

/** @param {Json} value */
const textOf = value => value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** @param {Json} property */
function hintOf(property) {
  const kind = property['x-standin-kind'] ? `id of a ${property['x-standin-kind']}` : property.format ?? typeOf(property) ?? 'JSON';
  return property.default === undefined ? kind : `${kind}; ${JSON.stringify(property.default)} without a value`;
}

/** @param {Json} property @returns {string | undefined} */
const typeOf = property => Array.isArray(property.type) ? property.type.find((/** @type {string} */ type) => type !== 'null') : property.type;

/** @param {string} session @param {string} name @param {Json} property @param {Json} value @param {boolean} required @returns {Field} */
function fieldOf(session, name, property, value, required) {
  const type = typeOf(property);
  const wasText = textOf(value);
  const unchanged = (/** @type {() => Json} */ read) => () => control.value === wasText ? value : control.value === '' ? undefined : read();
  /** @type {Field['control']} */
  let control;
  if (Array.isArray(property.enum) || type === 'boolean') {
    const values = type === 'boolean' ? ['true', 'false'] : property.enum.map(String);
    const options = [...new Set(['', ...values, wasText])].map(one => /** @type {[string, string]} */ ([one, one]));
    control = select(options, wasText);
    return { name, control, read: unchanged(() => type === 'boolean' ? control.value === 'true' : property.enum.find((/** @type {Json} */ one) => String(one) === control.value) ?? control.value) };
  }
  if (type === 'number' || type === 'integer') {
    control = h('input', { type: 'text', inputmode: 'decimal', value: wasText, required });
    return { name, control, read: unchanged(() => Number.isNaN(Number(control.value)) ? control.value : Number(control.value)) };
  }
  if (type === 'string') {
    const kind = property['x-standin-kind'];
    control = h('input', { type: 'text', value: wasText, required, ...(kind ? { list: `ids-${name}` } : {}) });
    if (kind) suggest(session, kind, `ids-${name}`, control);
    return { name, control, read: unchanged(() => control.value) };
  }
  control = h('textarea', { class: 'mono', rows: '2', value: wasText, spellcheck: 'false' });
  return { name, control, read: unchanged(() => {
    try {
      return JSON.parse(control.value);
    } catch {
      return control.value;
    }
  }) };
}

/** Suggests the ids of records. @param {string} session @param {string} kind @param {string} id @param {HTMLElement} control */
function suggest(session, kind, id, control) {
  control.addEventListener('focus', async () => {
    const { records } = await get(below(session, 'records', kind)).catch(() => ({ records: [] }));
    control.after(h('datalist', { id }, records.slice(0, 200).map((/** @type {Json} */ one) => h('option', { value: one.id ?? one.uid }, one.name ?? one.first_name ?? one.title ?? ''))));
  }, { once: true });
}
