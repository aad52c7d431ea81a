// A list of any length whose visible rows exist only.

/** @template T */
export class VirtualList {
  /**
   * @param {object} options
   * @param {HTMLElement} options.viewport what scrolls
   * @param {number} options.height the height of a row in CSS pixels
   * @param {() => HTMLElement} options.create creates the element of a row
   * @param {(element: HTMLElement, item: T, index: number) => void} options.update writes an item into an element
   */
  constructor({ viewport, height, create, update }) {
    this.viewport = viewport;
    this.height = height;
    this.create = create;
    this.update = update;
    /** @type {T[]} */
    this.items = [];
    /** @type {HTMLElement[]} */
    this.pool = [];
    this.spacer = document.createElement('div');
    this.spacer.className = 'virtual-spacer';
    this.spacer.setAttribute('role', 'presentation');
    viewport.append(this.spacer);
    viewport.addEventListener('scroll', () => this.draw(), { passive: true });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(viewport);
  }

  /** Sets the items. `inserted` of them are new at the top: what is visible stays where it is. @param {T[]} items @param {number} [inserted] */
  set(items, inserted = 0) {
    const top = this.viewport.scrollTop;
    this.items = items;
    this.spacer.style.height = `${items.length * this.height}px`;
    if (inserted > 0 && top > 0) this.viewport.scrollTop = top + inserted * this.height;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / this.height) - 4);
    const count = Math.min(this.items.length - first, Math.ceil(this.viewport.clientHeight / this.height) + 8);
    while (this.pool.length < count) {
      const element = this.create();
      this.pool.push(element);
      this.spacer.append(element);
    }
    this.pool.forEach((element, place) => {
      const index = first + place;
      const item = this.items[index];
      element.hidden = place >= count || item === undefined;
      if (element.hidden || item === undefined) return;
      element.style.transform = `translateY(${index * this.height}px)`;
      this.update(element, item, index);
    });
  }

  /** Scrolls until a row is visible. @param {number} index */
  reveal(index) {
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.viewport;
    if (top < scrollTop) this.viewport.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.viewport.scrollTop = top + this.height - clientHeight;
    this.draw();
  }

  destroy() {
    this.observer.disconnect();
  }
}
