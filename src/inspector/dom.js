// Building elements. Every text becomes a text node: data of requests, records and contracts is never parsed as markup.

/**
 * Creates an element. Functions named `on…` are listeners; `class` is the class; booleans set or leave out an attribute.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') /** @type {any} */ (element).value = value;
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/** @param {Element} parent @param {Child[]} children */
function append(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child !== null && child !== undefined && child !== false) {
      parent.append(typeof child === 'object' ? child : String(child));
    }
  }
}

/** Replaces the children of an element. @param {Element} parent @param {...Child} children */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/** A button. @param {string} text @param {(event: Event) => any} action @param {Record<string, any>} [attributes] */
export function button(text, action, attributes = {}) {
  return h('button', { type: 'button', class: 'button', onclick: guarded(action), ...attributes }, text);
}

/** A link within the page. @param {string} href @param {Child} text @param {string} [style] */
export const link = (href, text, style = 'link') => h('a', { href, class: style }, text);

/** A control with its label. @param {string} text @param {HTMLElement} control @param {string} [hint] */
export const field = (text, control, hint) =>
  h('label', { class: 'field' }, h('span', { class: 'label' }, text), control, hint && h('span', { class: 'hint' }, hint));

/** A selection. @param {[string, string][]} options value and text @param {string} value @param {Record<string, any>} [attributes] */
export function select(options, value, attributes = {}) {
  const element = h('select', attributes, options.map(([key, text]) => h('option', { value: key }, text)));
  element.value = value;
  return element;
}

/** Shows a message for some seconds. @param {string} text @param {'info' | 'error'} [tone] @param {Node} [action] */
export function toast(text, tone = 'info', action) {
  const shown = h('div', { class: `toast ${tone}` }, text, action && ' ', action);
  document.getElementById('toasts')?.append(shown);
  setTimeout(() => shown.remove(), tone === 'error' ? 9000 : 5000);
}

/** A listener that shows its errors. @template T @param {(event: T) => any} action @returns {(event: T) => Promise<void>} */
export const guarded = action => async event => {
  try {
    await action(event);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'error');
  }
};

/** Copies a text. @param {string} text @param {string} [what] */
export async function copy(text, what = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context there is no clipboard API.
    const area = h('textarea', { class: 'off-screen', 'aria-hidden': 'true', value: text });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(what);
}

/** A command or text with a button that copies it. @param {string} text @param {string} [label] */
export const copyable = (text, label = 'Copy') =>
  h('div', { class: 'copyable' }, h('pre', { tabindex: '0', role: 'group', 'aria-label': 'Text to copy' }, text), button(label, () => copy(text), { class: 'button small' }));

/** What a view shows while it has nothing. @param {string} title @param {...Child} children */
export const empty = (title, ...children) => h('div', { class: 'empty' }, h('h2', {}, title), ...children);

/** Opens a dialog. The body gets a function that closes it. @param {string} title @param {(close: () => void) => Child} body */
export function dialog(title, body) {
  const close = () => element.close();
  const heading = h('h2', { id: 'dialog-title' }, title);
  const closing = button('×', close, { class: 'button icon', 'aria-label': 'Close' });
  const content = h('div', { class: 'dialog-body' });
  const element = h('dialog', { 'aria-labelledby': 'dialog-title', onclose: () => element.remove() }, h('header', {}, heading, closing), content);
  fill(content, body(close));
  document.body.append(element);
  element.showModal();
  return element;
}

/** Asks before something is lost. @param {string} question @param {string} action @param {() => any} then */
export function confirmed(question, action, then) {
  dialog('Are you sure?', close => [
    h('p', {}, question),
    h('div', { class: 'actions end' }, button('Cancel', close), button(action, async () => {
      await then();
      close();
    }, { class: 'button danger' })),
  ]);
}

/** A menu of actions that opens below its button. @param {string} text @param {[string, () => any][]} entries */
export function menu(text, entries) {
  const list = h('div', { class: 'menu-list' }, entries.map(([label, action]) => button(label, async () => {
    element.open = false;
    await action();
  }, { class: 'menu-item' })));
  const element = h('details', { class: 'menu' }, h('summary', { class: 'button' }, text), list);
  element.addEventListener('focusout', event => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) element.open = false;
  });
  element.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !element.open) return;
    event.stopPropagation();
    element.open = false;
    element.querySelector('summary')?.focus();
  });
  return element;
}

/** Gives a file to the user. @param {string} name @param {string} text @param {string} type */
export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
