// The page itself: each section is filled, then shown.

const clients = new Clients();

// A button that shows the clients meant, where there are any.
function linkTo(label, wanted, fits) {
  if (!clients.rows.some(fits)) return text(label);
  return html('button', {type: 'button', class: 'link', click: () => clients.narrowAndGo(wanted)}, label);
}

function ruleLink(rule) {
  return linkTo(rule, {rule: text(rule)}, (row) => row.client.rule === rule);
}

function fillSection(id, ...children) {
  const section = document.getElementById(id);
  section.append(...children);
  section.hidden = false;
}

// "bare-ip (6), score-reject (15) and 3 more": the most of `sums`, each as a link.
function mostOf(sums, link) {
  const sorted = [...sums].sort((left, right) => right[1] - left[1]);
  const parts =
      sorted.slice(0, kBehind).flatMap(([name, sessions]) => [', ', link(name), ` (${count(sessions)})`]).slice(1);
  return [...parts, sorted.length > kBehind ? ` and ${count(sorted.length - kBehind)} more` : ''];
}

// Which rules and whose clients stand behind the number at the top.
const kBehind = 4;
function fillHeadline() {
  const rows = clients.rows.filter(
      ({client}) => kAgainst === 'policy' ||
          (client.verdict === 'reject' && (kAgainst === 'heloguard' || client.was === 'accept')));
  if (rows.length === 0) return;
  const sums = (of) =>
      rows.reduce((all, row) => all.set(of(row), (all.get(of(row)) || 0) + number(row.client.sessions)), new Map());
  const names =
      new Map(rows.map((row) => [row.client.client, text(row.client.rdns || row.client.client || 'unknown')]));
  const who = (client) => linkTo(names.get(client), {search: text(client)}, () => true);
  document.getElementById('behind').append(
      'By rule: ', ...mostOf(sums((row) => row.client.rule), (rule) => rule ? ruleLink(rule) : 'none'),
      '. Clients: ', ...mostOf(sums((row) => row.client.client), who), '.',
      clients.table.options.more ? ' ' + clients.table.options.more : '');
}

function fillTime() {
  const overTime = report.over_time || {};
  if (list(overTime.buckets).length > 0) {
    // Shown first: the chart asks for its width.
    document.getElementById('time').hidden = false;
    const chart = new TimeChart(overTime);
    fillSection('time', chart.element);
    chart.draw();
  }
}

function fillRules() {
  const rules = list(report.rules).filter((rule) => number(rule.sessions) > 0);
  const unmatched = list(report.rules).filter((rule) => number(rule.sessions) === 0).map((rule) => text(rule.rule));
  const most = Math.max(0, ...rules.map((rule) => number(rule.sessions)));
  const table = new Table({
    id: 'rule-table',
    caption: 'Faint: sessions the rule matched. Full: sessions it decided. A name shows its clients.',
    sort: {column: 3, descending: true},
    empty: 'No rule matched.',
    columns: [
      {title: 'Rule', class: 'rule', value: (rule) => text(rule.rule), cell: (rule) => ruleLink(rule.rule)},
      {
        title: 'Action',
        value: (rule) => text(rule.action),
        class: 'nowrap spare',
        cell: (rule) => html(
            'span', {}, pill(rule.action), rule.mode === 'observe' ? html('span', {class: 'under'}, 'observed') : null)
      },
      {
        title: 'Matched and decided',
        value: (rule) => number(rule.sessions),
        class: 'wide',
        cell: (rule) => inlineBar(number(rule.sessions), number(rule.decided), most, colourOf(rule.action))
      },
      {title: 'Sessions', value: (rule) => number(rule.sessions), number: true},
      {title: 'Decided', value: (rule) => number(rule.decided), number: true, class: 'spare'},
      {title: 'Clients', value: (rule) => number(rule.clients), number: true, class: 'spare'},
      {title: 'Changed', value: (rule) => number(rule.changed), number: true},
    ],
  });
  table.show(rules);
  fillSection('rules', table.element);
  if (unmatched.length === 0) return;
  const heading = counted(unmatched.length, 'rule', 'rules') + ' matched nothing';
  fillSection(
      'rules',
      html(
          'details', {id: 'unmatched'}, html('summary', {}, heading),
          html('p', {class: 'quiet'}, unmatched.join(', '))));
}

// Cells of the totals become ways to their clients.
function fillAnswers() {
  for (const cell of document.querySelectorAll('td[data-mta]')) {
    const {mta, verdict} = cell.dataset;
    const rows = clients.rows.filter((row) => row.client.mta === mta && row.client.verdict === verdict);
    const changes = new Set(rows.map((row) => row.change));
    if (changes.size !== 1) continue;
    const sessions = rows.reduce((sum, row) => sum + number(row.client.sessions), 0);
    cell.title = `${counted(sessions, 'session', 'sessions')} of these would be answered differently.`;
    cell.replaceChildren(linkTo(cell.textContent, {mta, change: [...changes][0]}, () => true));
  }
  const kinds = list(report.changes?.kinds);
  const body = kinds.map(
      (kind) => html(
          'tr', {}, html('td', {class: 'nowrap'}, pill(kind.from), ' → ', pill(kind.to)),
          html('td', {class: 'number'}, count(kind.sessions)),
          html(
              'td', {class: 'number'},
              linkTo(
                  count(kind.clients), {change: changeText(kind.from, kind.to)},
                  (row) => row.change === changeText(kind.from, kind.to)))));
  const heads = ['Change', 'Sessions', 'Clients'].map(
      (title, index) => html('th', {scope: 'col', class: index > 0 ? 'number' : null}, title));
  document.getElementById('changes').append(html(
      'table', {id: 'change-table'},
      html('caption', {}, changesText()),
      html('thead', {}, html('tr', {}, ...heads)), html('tbody', {}, ...body)));
}

function changesText() {
  const total = counted(number(report.changes?.total), 'session', 'sessions');
  const uncertain = number(report.changes?.uncertain);
  return `${total} would be answered differently.` + (uncertain > 0 ? ` Not counted: ${count(uncertain)} that may.` : '');
}

function fillNetworks() {
  const networks = list(report.networks);
  if (networks.length === 0) return;
  const most = Math.max(0, ...networks.map((network) => number(network.judged)));
  const table = new Table({
    id: 'network-table',
    caption: 'Judged sessions of each network, those the policy refuses or defers in full colour. ' +
        'A network shows its clients.',
    sort: {column: 4, descending: true},
    more: moreText(report.networks_more_sessions, 'session of another network', 'sessions of other networks'),
    columns: [
      {
        title: 'Network',
        value: (network) => text(network.network),
        order: (network) => addressOrder(parseAddress(text(network.network).split('/')[0])),
        cell: (network) => networkLink(text(network.network), number(network.changed))
      },
      {
        title: 'Refused of judged',
        value: (network) => number(network.refused) / Math.max(1, number(network.judged)),
        class: 'wide',
        cell: (network) => inlineBar(number(network.judged), number(network.refused), most, 'reject')
      },
      {title: 'Sessions', value: (network) => number(network.sessions), number: true, class: 'spare'},
      {title: 'Judged', value: (network) => number(network.judged), number: true, class: 'spare'},
      {title: 'Refused', value: (network) => number(network.refused), number: true},
      {title: 'Changed', value: (network) => number(network.changed), number: true},
    ],
  });
  table.show(networks);
  fillSection('networks', table.element);
}

function networkLink(network, changed) {
  const inside = parseNetwork(network);
  if (!inside || changed === 0) return html('span', {class: 'mono'}, network);
  return html('span', {class: 'mono'}, linkTo(network, {search: network}, (row) => inside(row.address)));
}

function fillLogs() {
  const times = list(report.logs).flatMap((log) => [log.first, log.last]).filter((time) => time);
  const [from, to] = [zoned('From', times), zoned('To', times)];
  const row = (log) => html(
      'tr', {}, html('th', {scope: 'row'}, text(log.file)),
      html('td', {class: 'nowrap', 'data-label': from}, momentText(log.first) || '–'),
      html('td', {class: 'nowrap', 'data-label': to}, momentText(log.last) || '–'),
      html('td', {class: 'number', 'data-label': 'Lines'}, count(log.lines)),
      html('td', {class: 'number', 'data-label': 'Skipped'}, count(log.skipped_lines)),
      html('td', {class: 'number', 'data-label': 'Size'}, bytesText(log.bytes)));
  const heads = ['File', from, to, 'Lines', 'Skipped', 'Size'].map(
      (title, index) => html('th', {scope: 'col', class: index > 2 ? 'number' : null}, title));
  const kind = report.exact ? 'Read from heloguard\'s own log: exact.' :
                              'Read from the mail server\'s log: what it does not say is listed below.';
  const limits = list(report.cannot_tell).map((sentence) => html('li', {}, text(sentence)));
  fillSection(
      'logs',
      html(
          'div', {class: 'scroll'},
          html(
              'table', {class: 'cards', id: 'log-table'}, html('caption', {}, kind),
              html('thead', {}, html('tr', {}, ...heads)), html('tbody', {}, ...list(report.logs).map(row)))));
  if (limits.length === 0) return;
  fillSection(
      'logs',
      html('div', {class: 'callout'}, html('h3', {}, 'What these logs cannot tell'), html('ul', {}, ...limits)));
}

fillHeadline();
fillSection('clients', clients.element);
fillTime();
fillRules();
fillAnswers();
fillNetworks();
fillLogs();
document.querySelector('.sections').hidden = false;
