// The clients that would be answered differently: searched by words, names and networks, narrowed by choices, saved as
// CSV. What the mail server accepted and the policy refuses comes first: that is the mail somebody will miss.

function changeRank(client) {
  const lost = {reject: 0, tempfail: 1, accept: 2};
  const ranks = Object.hasOwn(lost, client.verdict) ? lost[client.verdict] : 3;
  return ranks * 10 + (client.was === 'accept' ? 0 : 1);
}

// Without a name, the status is all there is to say.
function noNameText(status) {
  if (!status) return 'reverse DNS not known';
  return status === 'permerror' ? 'no reverse DNS name' : 'reverse DNS: ' + text(status);
}

function changeText(from, to) {
  return `${text(from)} → ${text(to)}`;
}

// What is said of a client, once, so that 5,000 of them are searched while one types.
function prepared(client) {
  const address = parseAddress(text(client.client));
  const said = [client.client, client.rdns, client.helo, client.from, client.rule];
  return {
    client,
    address,
    order: addressOrder(address),
    haystack: said.map(text).join('\n').toLowerCase(),
    rank: changeRank(client),
    change: changeText(client.was, client.verdict)
  };
}

// Each word as a test of a row; a network is one of addresses.
function searchTests(words) {
  return words.map((word) => {
    const inside = parseNetwork(word);
    return inside ? (row) => inside(row.address) : (row) => row.haystack.includes(word);
  });
}

// For a POSIX shell: nothing in single quotes is special but their end.
function shellQuoted(value) {
  return '\'' + text(value).replaceAll('\'', '\'\\\'\'') + '\'';
}

// A cell that begins like a formula would be one in a spreadsheet.
function csvCell(value) {
  const cell = text(value);
  return '"' + (/^[=+\-@\t\r]/.test(cell) ? '\'' : '') + cell.replaceAll('"', '""') + '"';
}

const kCsvKeys = [
  'client', 'rdns', 'rdns_status', 'helo', 'from', 'was', 'verdict', 'rule', 'mode', 'score', 'reply', 'mta',
  'sessions', 'first', 'last'
];

class Clients {
  constructor() {
    this.rows = list(report.clients).map(prepared);
    this.words = [];
    this.search = html('input', {
      type: 'search',
      id: 'search',
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: 200,
      placeholder: 'name, address, network, sender, rule',
      input: () => this.update()
    });
    this.change = this.select('All changes', (row) => row.change);
    this.rule = this.select('All rules', (row) => text(row.client.rule));
    this.mta = this.select('All', (row) => text(row.client.mta), (value) => kMtaTexts.get(value) || value);
    this.found = html('p', {class: 'quiet', role: 'status', id: 'found'});
    this.table = new Table({
      id: 'client-table',
      caption: 'A row for each client, name and outcome. Mail that would be lost comes first. ' +
          'Open a row for the reply and what was not known.',
      columns: this.columns(),
      sort: {column: 3, descending: false},
      detail: (row) => this.detail(row.client),
      empty: this.rows.length === 0 ? 'No client would be answered differently.' : 'No row fits the search.',
      more: moreText(report.clients_more_sessions, 'session of another client and name', 'sessions of other clients and names'),
    });
    this.element = html('div', {}, this.tools(), this.found, this.table.element);
    this.update();
  }

  select(all, of, word = (value) => value) {
    const sums = new Map();
    for (const row of this.rows) sums.set(of(row), (sums.get(of(row)) || 0) + 1);
    const options =
        [...sums]
            .sort((left, right) => right[1] - left[1])
            .map(([value, rows]) => html('option', {value: '=' + value}, `${word(value) || 'none'} (${count(rows)})`));
    const select = html('select', {change: () => this.update()}, html('option', {value: ''}, all), ...options);
    return {select, fits: (row) => select.value === '' || '=' + of(row) === select.value};
  }

  tools() {
    return html(
        'form', {class: 'tools', role: 'search', submit: (event) => event.preventDefault()},
        html('label', {class: 'find'}, 'Search', this.search), html('label', {}, 'Change', this.change.select),
        html('label', {}, 'Rule', this.rule.select), html('label', {}, 'Then', this.mta.select),
        this.table.sortChoice(),
        html('button', {type: 'button', class: 'push', id: 'reset', click: () => this.narrow({})}, 'Reset'),
        html('button', {type: 'button', class: 'push', id: 'save', click: () => this.save()}, 'Save as CSV'));
  }

  columns() {
    const said = (value) => html('span', {}, ...this.marked(value));
    return [
      {
        title: 'Client',
        class: 'name',
        value: (row) => text(row.client.client),
        order: (row) => row.order,
        cell: (row) => html(
            'span', {}, html('span', {class: 'mono'}, ...this.marked(row.client.client)),
            html(
                'span', {class: 'under'}, row.client.rdns ? said(row.client.rdns) : noNameText(row.client.rdns_status),
                ' ', row.client.rdns && row.client.rdns_status ? html('i', {}, row.client.rdns_status) : null))
      },
      {
        title: 'HELO',
        class: 'name',
        value: (row) => text(row.client.helo),
        cell: (row) => html('span', {class: 'mono'}, ...this.marked(row.client.helo))
      },
      {
        title: 'Sender',
        class: 'name',
        value: (row) => text(row.client.from),
        cell: (row) => row.client.from ? said(row.client.from) : '–'
      },
      {
        title: 'Change',
        value: (row) => row.change,
        order: (row) => row.rank * 1e9 - number(row.client.sessions),
        class: 'nowrap',
        cell: (row) => html('span', {}, pill(row.client.was), ' → ', pill(row.client.verdict), this.mtaText(row.client))
      },
      {
        title: 'Rule',
        class: 'rule',
        value: (row) => text(row.client.rule),
        cell: (row) => html(
            'span', {}, ...this.marked(row.client.rule),
            row.client.mode === 'observe' ? html('span', {class: 'under'}, 'observed') : null)
      },
      {title: 'Sessions', value: (row) => number(row.client.sessions), number: true},
      {
        title: zoned('Last', this.rows.map((row) => row.client.last)),
        value: (row) => text(row.client.last),
        class: 'nowrap',
        cell: (row) => momentText(row.client.last).slice(0, 16)
      },
    ];
  }

  // Compared with the log, what was done is the change's first half.
  mtaText(client) {
    if (kAgainst !== 'policy') return null;
    return html('span', {class: 'under'}, kDoer + ': ' + (kMtaTexts.get(client.mta) || text(client.mta)));
  }

  // The text in pieces, words of the search marked.
  marked(value) {
    const whole = text(value);
    const lower = whole.toLowerCase();
    const pieces = [];
    let done = 0;
    // Lower case that changes a text's length would mark beside the word.
    while (this.words.length > 0 && lower.length === whole.length) {
      const hits = this.words.map((word) => [lower.indexOf(word, done), word]).filter(([at]) => at >= 0);
      if (hits.length === 0) break;
      const [at, word] = hits.reduce((best, hit) => hit[0] < best[0] ? hit : best);
      pieces.push(whole.slice(done, at), html('mark', {}, whole.slice(at, at + word.length)));
      done = at + word.length;
    }
    return [...pieces, whole.slice(done)];
  }

  detail(client) {
    const facts = [
      ['Reply', client.reply],
      ['Score', client.score && Number.isFinite(client.score) ? client.score.toLocaleString('en-US') : null],
      [zoned('Seen', [client.first, client.last]), `${momentText(client.first)} to ${momentText(client.last)}`],
      ['Not known', list(client.unknown).map(text).join(', ')],
      [
        'Look closer',
        html('code', {}, `heloguard check --client ${shellQuoted(client.client)} --helo=${shellQuoted(client.helo)}`)
      ],
    ].filter(([, value]) => value);
    return html(
        'dl', {class: 'facts'}, ...facts.flatMap(([name, value]) => [html('dt', {}, name), html('dd', {}, value)]));
  }

  chosen() {
    const tests = [...searchTests(this.words), this.change.fits, this.rule.fits, this.mta.fits];
    return this.rows.filter((row) => tests.every((test) => test(row)));
  }

  update() {
    this.words = this.search.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    const rows = this.chosen();
    const sessions = rows.reduce((sum, row) => sum + number(row.client.sessions), 0);
    this.found.textContent = rows.length === this.rows.length ?
        `${counted(rows.length, 'row', 'rows')}, ${counted(sessions, 'session', 'sessions')}` :
        `${count(rows.length)} of ${counted(this.rows.length, 'row', 'rows')}, ${
            counted(sessions, 'session', 'sessions')}`;
    this.table.show(rows);
  }

  // Shows only some clients: {search, change, rule, mta}; what is not named is reset.
  narrow(wanted) {
    this.search.value = wanted.search || '';
    for (const name of ['change', 'rule', 'mta']) {
      this[name].select.value = wanted[name] === undefined ? '' : '=' + wanted[name];
    }
    this.update();
  }

  narrowAndGo(wanted) {
    this.narrow(wanted);
    const section = document.getElementById('clients');
    section.scrollIntoView();
    section.focus({preventScroll: true});
  }

  save() {
    const lines = this.chosen().map((row) => kCsvKeys.map((key) => csvCell(row.client[key])).join(','));
    const file = new Blob([[kCsvKeys.join(','), ...lines].join('\r\n') + '\r\n'], {type: 'text/csv'});
    const link = html('a', {href: URL.createObjectURL(file), download: 'clients.csv'});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
}
