// Refusals over time: stacked columns, drawn to the width there is. With fewer pixels than columns, neighbours are
// added up.

const kMaxSeries = 7;  // rules with a colour of their own; the others are one series
const kNarrowest = 2;  // pixels of a column
const kHeight = 240;
const kMargin = {
  top: 10,
  right: 8,
  bottom: 26,
  left: 48
};
const kSteps = [
  60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000
];

function verdictSeries(verdicts) {
  return verdicts.map((verdict) => ({name: verdict, fill: verdict, of: (bucket) => number(bucket[verdict])}));
}

// The rules that refused most, in fixed colours.
function ruleSeries(buckets) {
  const sums = new Map();
  for (const bucket of buckets) {
    for (const [rule, sessions] of Object.entries(bucket.by_rule || {}))
      sums.set(rule, (sums.get(rule) || 0) + number(sessions));
  }
  const rules = [...sums].sort((left, right) => right[1] - left[1]).map(([rule]) => rule);
  const own = rules.slice(0, kMaxSeries);
  const of = (bucket, rule) => Object.hasOwn(bucket.by_rule || {}, rule) ? number(bucket.by_rule[rule]) : 0;
  const series = own.map((rule, index) => ({name: rule, fill: index, of: (bucket) => of(bucket, rule)}));
  const rest = rules.slice(kMaxSeries);
  if (rest.length > 0) {
    series.push({
      name: counted(rest.length, 'other rule', 'other rules'),
      fill: kMaxSeries,
      of: (bucket) => rest.reduce((sum, rule) => sum + of(bucket, rule), 0)
    });
  }
  return series;
}

// The smallest of 1, 2, 5, 10, 20, 50, ... that needs at most four steps to the top.
function valueStep(top) {
  for (let power = 1;; power *= 10) {
    const step = [1, 2, 5].map((digit) => digit * power).find((size) => top / size <= 4);
    if (step) return step;
  }
}

class TimeChart {
  constructor(overTime) {
    this.seconds = Math.min(Math.max(1, number(overTime.bucket_seconds)), kSteps[kSteps.length - 1]);
    const starts = list(overTime.buckets).map((bucket) => writtenTime(bucket.start));
    const timed = starts.every((start) => !Number.isNaN(start));
    this.buckets = list(overTime.buckets)
                       .map((bucket, index) => ({bucket, start: timed ? starts[index] : index * this.seconds * 1000}));
    this.zone = zoneOf(list(overTime.buckets).map((bucket) => bucket.start));
    const buckets = this.buckets.map((entry) => entry.bucket);
    this.views = [
      {name: 'Refusals', series: verdictSeries(['reject', 'tempfail'])}, {name: 'By rule', series: ruleSeries(buckets)},
      {name: 'Judged sessions', series: verdictSeries(['reject', 'tempfail', 'accept'])}
    ];
    this.view = this.views[0];
    this.legend = html('ul', {class: 'legend'});
    this.tip = html('div', {class: 'tip', role: 'status', hidden: true});
    this.chart = html('div', {
      class: 'chart',
      tabindex: 0,
      role: 'group',
      keydown: (event) => this.key(event),
      pointerleave: () => this.point(-1),
      blur: () => this.point(-1),
    });
    this.peak = html('p', {class: 'quiet'});
    this.element =
        html('div', {}, html('div', {class: 'bar'}, this.choice(), this.legend), this.chart, this.peak, this.numbers());
    new ResizeObserver(() => this.draw()).observe(this.chart);
    this.draw();
  }

  choice() {
    const one = (view, index) => html(
        'label', {}, html('input', {
          type: 'radio',
          name: 'view',
          value: index,
          checked: index === 0,
          change: () => {
            this.view = view;
            this.width = 0;
            this.draw();
          }
        }),
        html('span', {}, view.name));
    return html('fieldset', {class: 'choice', 'aria-label': 'What the chart shows'}, ...this.views.map(one));
  }

  // Buckets per column so that a column can be seen, each column with its sums.
  columns(plot) {
    const first = this.buckets[0].start;
    const last = this.buckets[this.buckets.length - 1].start;
    const slots = Math.round((last - first) / 1000 / this.seconds) + 1;
    const per = Math.max(1, Math.ceil(slots * kNarrowest / plot));
    const columns = new Map();
    for (const {bucket, start} of this.buckets) {
      const slot = Math.floor(Math.round((start - first) / 1000 / this.seconds) / per);
      const column = columns.get(slot) ||
          {slot, start: first + slot * per * this.seconds * 1000, values: this.view.series.map(() => 0)};
      this.view.series.forEach((series, index) => {
        column.values[index] += series.of(bucket);
      });
      columns.set(slot, column);
    }
    for (const column of columns.values()) column.sum = column.values.reduce((sum, value) => sum + value, 0);
    return {columns: [...columns.values()], slots: Math.ceil(slots / per), seconds: per * this.seconds, first};
  }

  draw() {
    const width = Math.max(240, Math.floor(this.chart.clientWidth));
    if (this.buckets.length === 0 || width === this.width) return;
    this.width = width;
    const plot = {width: width - kMargin.left - kMargin.right, height: kHeight - kMargin.top - kMargin.bottom};
    this.data = this.columns(plot.width);
    const most =
        this.data.columns.reduce((best, column) => column.sum > best.sum ? column : best, this.data.columns[0]);
    const step = valueStep(Math.max(1, most.sum));
    this.scale = {
      x: plot.width / this.data.slots,
      y: plot.height / (Math.ceil(Math.max(1, most.sum) / step) * step),
      plot
    };
    this.groups = this.data.columns.map((column, index) => this.column(column, index));
    this.chart.replaceChildren(
        svg('svg', {viewBox: `0 0 ${width} ${kHeight}`, 'aria-hidden': 'true'}, ...this.valueAxis(step, most.sum),
            ...this.timeAxis(), ...this.groups),
        this.tip);
    this.legend.replaceChildren(...this.view.series.map(
        (series) => html(
            'li', {},
            svg('svg', {viewBox: '0 0 10 10', 'aria-hidden': 'true'},
                svg('rect', {class: 'fill-' + series.fill, width: 10, height: 10, rx: 2})),
            series.name)));
    const peak =
        `Most in one ${spanText(this.data.seconds).replace(/^1 /, '')}: ${count(most.sum)}, ${this.when(most)}.`;
    this.peak.textContent = most.sum === 0 ? 'None in this time.' : peak;
    this.chart.setAttribute(
        'aria-label',
        `${this.view.name} per ${spanText(this.data.seconds)}. ${this.peak.textContent} Arrow keys read the columns.`);
    this.point(-1);
  }

  when(column) {
    return `${dayText(column.start)} ${clockText(column.start)} ${this.zone}`.trim();
  }

  valueAxis(step, top) {
    const marks = [];
    for (let value = 0; value < top + step; value += step) {
      const y = Math.round(kMargin.top + this.scale.plot.height - value * this.scale.y) + 0.5;
      marks.push(
          svg('line',
              {class: value === 0 ? 'axis' : 'grid', x1: kMargin.left, x2: this.width - kMargin.right, y1: y, y2: y}),
          svg('text', {x: kMargin.left - 8, y: y + 4, 'text-anchor': 'end'}, count(value)));
    }
    return marks;
  }

  timeAxis() {
    const end = this.data.first + this.data.slots * this.data.seconds * 1000;
    const room = (end - this.data.first) / 1000 / Math.max(1, Math.floor(this.scale.plot.width / 70));
    const step = (kSteps.find((seconds) => seconds >= room) || kSteps[kSteps.length - 1]) * 1000;
    const marks =
        [svg('text', {class: 'zone', x: kMargin.left - 25, y: kHeight - kMargin.bottom + 17, 'text-anchor': 'end'}, this.zone)];
    for (let time = Math.ceil(this.data.first / step) * step; time < end; time += step) {
      const x = kMargin.left + (time - this.data.first) / 1000 / this.data.seconds * this.scale.x;
      const label = time % 86400000 === 0 ? dayText(time) : clockText(time);
      const y = kHeight - kMargin.bottom;
      marks.push(
          svg('line', {class: 'axis', x1: x, x2: x, y1: y, y2: y + 4}),
          svg('text', {x, y: y + 17, 'text-anchor': 'middle'}, label));
    }
    return marks;
  }

  column(column, index) {
    const x = kMargin.left + column.slot * this.scale.x;
    const gap = this.scale.x > 4 ? 1 : 0;
    let y = kMargin.top + this.scale.plot.height;
    const parts = column.values.map((value, series) => {
      const height = value * this.scale.y;
      y -= height;
      return value === 0 ?
          null :
          svg('rect', {class: 'fill-' + this.view.series[series].fill, x, y, width: this.scale.x - gap, height});
    });
    return svg('g', {class: 'column'}, ...parts, svg('rect', {
                 class: 'hit',
                 x,
                 y: kMargin.top,
                 width: this.scale.x,
                 height: this.scale.plot.height,
                 pointerenter: () => this.point(index),
               }));
  }

  // Marks a column and says its numbers; -1: none.
  point(index) {
    this.groups?.forEach((group, at) => group.classList.toggle('on', at === index));
    this.pointed = index;
    this.tip.hidden = index < 0;
    if (index < 0) return;
    const column = this.data.columns[index];
    const lines =
        this.view.series.map((series, at) => [series.name, column.values[at]]).filter(([, value]) => value > 0);
    this.tip.replaceChildren(
        html('b', {}, this.when(column)),
        ...lines.map(([name, value]) => html('div', {}, html('span', {}, name), html('span', {}, count(value)))),
        lines.length === 0 ? 'none' : '');
    const x = kMargin.left + column.slot * this.scale.x;
    const right = x > this.width / 2;
    this.tip.style.left = right ? 'auto' : `${x + this.scale.x + 8}px`;
    this.tip.style.right = right ? `${this.width - x + 8}px` : 'auto';
  }

  key(event) {
    if (!this.data) return;
    const last = this.data.columns.length - 1;
    const moves = new Map([
      ['ArrowRight', Math.min(last, this.pointed + 1)], ['ArrowLeft', Math.max(0, this.pointed - 1)], ['Home', 0],
      ['End', last], ['Escape', -1]
    ]);
    if (!moves.has(event.key)) return;
    event.preventDefault();
    this.point(moves.get(event.key));
  }

  // The same as numbers, for readers whom a chart tells nothing. Made when opened.
  numbers() {
    const details = html('details', {class: 'numbers'}, html('summary', {}, 'As numbers'));
    details.addEventListener('toggle', () => details.append(this.numberTable()), {once: true});
    return details;
  }

  numberTable() {
    const cells = (bucket) => ['reject', 'tempfail', 'accept'].map(
        (verdict) => html('td', {class: 'number'}, count(bucket[verdict])));
    const titles =
        ['reject', 'tempfail', 'accept'].map((verdict) => html('th', {scope: 'col', class: 'number'}, verdict));
    const starts = this.buckets.map(({bucket}) => bucket.start);
    return html(
        'div', {class: 'scroll'},
        html(
            'table', {}, html('thead', {}, html('tr', {}, html('th', {scope: 'col'}, zoned('From', starts)), ...titles)),
            html(
                'tbody', {},
                ...list(this.buckets)
                    .map(
                        ({bucket}) =>
                            html('tr', {}, html('th', {scope: 'row'}, momentText(bucket.start)), ...cells(bucket))))));
  }
}

// A row's bar: all its sessions faint, those it decided full.
function inlineBar(all, part, most, colour) {
  const wide = (value) => most > 0 ? 1000 * value / most : 0;
  return svg(
      'svg', {class: 'inline-bar', viewBox: '0 0 1000 14', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
      svg('rect', {class: 'matched fill-' + colour, width: wide(all), height: 14}),
      svg('rect', {class: 'decided fill-' + colour, width: wide(part), height: 14}));
}
