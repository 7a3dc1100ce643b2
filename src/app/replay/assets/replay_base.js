'use strict';
// The replay page's script, in the order of src/app/CMakeLists.txt. This part: the report, elements, numbers, times,
// addresses. Every string of the report is a stranger's: it only ever becomes a text node or a plain attribute.

const report = JSON.parse(document.getElementById('report').textContent);
const kMtaTexts = new Map([
  ['accepted', 'accepted'], ['refused', 'refused'], ['deferred', 'deferred'], ['no_mail', 'no mail came'],
  ['unknown', 'not logged']
]);
// Whose answers those are.
const kDoer = report.exact ? 'heloguard' : 'mail server';
const kAgainst = report.changes?.against;

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name, value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

// html("td", {class: "number", click: handler}, "text", child)
function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function list(value) {
  return Array.isArray(value) ? value : [];
}
// Counts; whatever is none is zero.
function number(value) {
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), Number.MAX_SAFE_INTEGER) : 0;
}
function text(value) {
  return value === null || value === undefined ? '' : String(value);
}
function count(value) {
  return number(value).toLocaleString('en-US');
}
function counted(value, one, many) {
  return count(value) + ' ' + (value === 1 ? one : many);
}

// The class that colours a word; words we do not know stay plain.
const kColoured = new Set(['accept', 'tempfail', 'reject', 'note', 'score']);
function colourOf(word) {
  return kColoured.has(word) ? word : 'note';
}
function pill(word) {
  return html('span', {class: 'pill ' + colourOf(word)}, text(word) || '–');
}

// Milliseconds of the time as it is written, which is UTC in a report of heloguard's. NaN if it is no time.
const kTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/;
function writtenTime(value) {
  const parts = kTime.exec(text(value));
  if (!parts) return NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part || 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
function dayText(time) {
  const date = new Date(time);
  return date.getUTCDate() + ' ' + kMonths[date.getUTCMonth()];
}
function clockText(time) {
  return new Date(time).toISOString().slice(11, 16);
}

function momentText(value) {
  const parts = kTime.exec(text(value));
  return parts ? `${parts[1]}-${parts[2]}-${parts[3]} ${parts[4]}:${parts[5]}` + (parts[6] ? ':' + parts[6] : '') :
                 text(value);
}
// The zone of times, if it is written behind all of them.
function zoneOf(values) {
  return values.length > 0 && values.every((value) => text(value).endsWith('Z')) ? 'UTC' : '';
}
// The head of a column of times.
function zoned(title, values) {
  const zone = zoneOf(values);
  return zone ? `${title} (${zone})` : title;
}

function bytesText(value) {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = number(value);
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; ++unit) size /= 1024;
  return (unit === 0 ? count(size) : size.toFixed(1)) + ' ' + units[unit];
}

function spanText(seconds) {
  const units = [[86400, 'day', 'days'], [3600, 'hour', 'hours'], [60, 'minute', 'minutes'], [1, 'second', 'seconds']];
  const [size, one, many] = units.find(([unit]) => seconds >= unit && seconds % unit === 0) || units[3];
  return seconds === size ? one : count(seconds / size) + ' ' + many;
}

// {bits, value} of an IP address in text, or null.
function parseIpv4(address) {
  const octets = address.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return null;
  return {bits: 32, value: octets.reduce((value, octet) => value * 256n + BigInt(octet), 0n)};
}

function parseIpv6(address) {
  const last = address.slice(address.lastIndexOf(':') + 1);
  if (last.includes('.')) {
    const tail = parseIpv4(last);
    if (!tail) return null;
    const words = (tail.value >> 16n).toString(16) + ':' + (tail.value & 0xffffn).toString(16);
    return parseIpv6(address.slice(0, address.length - last.length) + words);
  }
  const halves = address.split('::');
  const words = halves.map((half) => half === '' ? [] : half.split(':'));
  const given = words.flat();
  if (halves.length > 2 || !given.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return null;
  if (halves.length === 1 ? given.length !== 8 : given.length > 7) return null;
  const zeros = new Array(8 - given.length).fill('0');
  const all = halves.length === 1 ? given : [...words[0], ...zeros, ...words[1]];
  return {bits: 128, value: all.reduce((value, word) => value * 65536n + BigInt('0x' + word), 0n)};
}

function parseAddress(address) {
  if (address.length > 45) return null;
  return address.includes(':') ? parseIpv6(address) : parseIpv4(address);
}

// "192.0.2.0/24" as a function of a parsed address, or null.
function parseNetwork(network) {
  const parts = /^([^/]+)\/(\d{1,3})$/.exec(network);
  const base = parts && parseAddress(parts[1]);
  if (!base || Number(parts[2]) > base.bits) return null;
  const host = BigInt(base.bits - Number(parts[2]));
  return (address) => address !== null && address.bits === base.bits && address.value >> host === base.value >> host;
}

// Orders numbers, addresses and texts; what is missing comes first.
function compare(left, right) {
  if (left === right) return 0;
  if (left === null || right === null) return left === null ? -1 : 1;
  if (typeof left === 'string') return left.localeCompare(right, 'en');
  return left < right ? -1 : 1;
}

// IPv4 before IPv6.
function addressOrder(address) {
  return address === null ? null : (address.bits === 32 ? 0n : 1n << 128n) + address.value;
}
