// A table with sorting by header, pages and rows that open. Columns are
//   {title, value(row), cell(row), number, order(row), class}
// where value is what sorts (order where it is given) and cell what is seen (value without it). The first column is
// each row's header. A table whose rows open becomes cards on a phone; others lose their columns of class spare there.

const kPageSizes = [50, 250, 1000];

function moreText(left, one, many) {
  return number(left) > 0 ? `${counted(left, one, many)} ${left === 1 ? 'is' : 'are'} not on this page.` : '';
}

function classOf(column) {
  return (column.number ? 'number ' : '') + (column.class || '');
}

class Table {
  // options: id, caption, columns, sort {column, descending}, detail(row) or none, more (a sentence on what the report
  // left out).
  constructor(options) {
    this.options = options;
    this.rows = [];
    this.sort = {...options.sort};
    this.page = 0;
    this.size = kPageSizes[0];
    this.body = html('tbody');
    this.heads = options.columns.map((column, index) => this.head(column, index));
    this.status = html('span', {class: 'quiet', role: 'status'});
    this.element = html(
        'div', {},
        html(
            'div', {class: 'scroll'},
            html(
                'table', {class: options.detail ? 'cards' : null, id: options.id}, html('caption', {}, options.caption),
                html('thead', {}, html('tr', {}, options.detail ? html('td', {class: 'opener'}) : null, ...this.heads)),
                this.body)),
        this.pager());
  }

  head(column, index) {
    return html(
        'th', {scope: 'col', class: classOf(column)},
        html('button', {type: 'button', click: () => this.sortBy(index)}, column.title));
  }

  pager() {
    const turn = (step) => () => {
      this.page += step;
      this.draw();
    };
    this.before = html('button', {type: 'button', class: 'push', click: turn(-1)}, 'Back');
    this.after = html('button', {type: 'button', class: 'push', click: turn(1)}, 'Next');
    const sizes = html(
        'select', {
          change: () => {
            this.size = Number(sizes.value);
            this.page = 0;
            this.draw();
          }
        },
        ...kPageSizes.map((size) => html('option', {value: size}, count(size))), html('option', {value: 1e9}, 'all'));
    this.sizes = html('label', {}, 'Rows ', sizes);
    return html('div', {class: 'pager'}, this.before, this.after, this.status, this.sizes);
  }

  // For narrow screens, where the header is not seen.
  sortChoice() {
    const titles = this.options.columns.map((column, index) => html('option', {value: index}, column.title));
    this.choice = html('select', {change: () => this.sortBy(Number(this.choice.value))}, ...titles);
    return html('label', {class: 'sort-choice'}, 'Sort by', this.choice);
  }

  sortBy(index) {
    const same = this.sort.column === index;
    // Numbers are first wanted largest first, names from A.
    this.sort = {column: index, descending: same ? !this.sort.descending : Boolean(this.options.columns[index].number)};
    this.page = 0;
    this.arrange();
    this.draw();
  }

  show(rows) {
    this.rows = [...rows];
    this.page = 0;
    this.arrange();
    this.draw();
  }

  arrange() {
    const {column, descending} = this.sort;
    const {value, order} = this.options.columns[column];
    const key = order || value;
    const keyed = this.rows.map((row) => [key(row), row]);
    keyed.sort((left, right) => descending ? compare(right[0], left[0]) : compare(left[0], right[0]));
    this.rows = keyed.map(([, row]) => row);
  }

  draw() {
    this.heads.forEach((head, index) => {
      if (index !== this.sort.column) return head.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', this.sort.descending ? 'descending' : 'ascending');
    });
    if (this.choice) this.choice.value = this.sort.column;
    const first = this.page * this.size;
    const shown = this.rows.slice(first, first + this.size);
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    if (shown.length === 0) this.body.append(this.wide({class: 'empty'}, this.options.empty || 'Nothing to show.'));
    this.before.disabled = this.page === 0;
    this.after.disabled = first + this.size >= this.rows.length;
    for (const button of [this.before, this.after]) button.hidden = this.rows.length <= this.size;
    this.sizes.hidden = this.rows.length <= kPageSizes[0];
    this.status.textContent = this.statusText(first, shown.length);
  }

  statusText(first, shown) {
    const total = this.rows.length;
    const part = shown < total ? `${count(first + 1)} to ${count(first + shown)} of ${count(total)}.` : '';
    return [part, this.options.more].filter(Boolean).join(' ');
  }

  wide(attributes, ...children) {
    const columns = this.options.columns.length + (this.options.detail ? 1 : 0);
    return html('tr', {class: 'detail-row'}, html('td', {colspan: columns, ...attributes}, ...children));
  }

  row(row) {
    const cells = this.options.columns.map(
        (column, index) => html(
            index === 0 ? 'th' : 'td', {
              class: classOf(column) + (column.number && column.value(row) === 0 ? ' zero' : ''),
              scope: index === 0 ? 'row' : null,
              'data-label': column.title,
            },
            column.cell       ? column.cell(row) :
                column.number ? count(column.value(row)) :
                                text(column.value(row))));
    return html('tr', {}, this.options.detail ? html('td', {class: 'opener'}, this.opener(row)) : null, ...cells);
  }

  opener(row) {
    const button = html('button', {
      type: 'button',
      class: 'open',
      'aria-expanded': 'false',
      'aria-label': 'Details of ' + this.options.columns[0].value(row),
      click: () => {
        const at = button.closest('tr');
        const open = button.getAttribute('aria-expanded') === 'true';
        button.setAttribute('aria-expanded', String(!open));
        if (open) return at.nextElementSibling.remove();
        const detail = this.wide({}, this.options.detail(row));
        detail.className = 'detail';
        at.after(detail);
      },
    });
    return button;
  }
}
