/**
 * Does this file prove what it says? Receipts, word and set proofs, and evidence, checked offline.
 *
 * WebCrypto and nothing else: no network, no clock (time enters as `at`), no storage. The formats
 * are those of docs/log.md; the Python package checks them too, and both read the same vectors.
 * Whatever the bytes, the answer is a verdict.
 *
 * Source: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy, tlog-proof; RFC 6962;
 * RFC 8032; RFC 8785; PKWARE APPNOTE 6.3.3 (ZIP).
 */

const RECEIPT_BYTES = 1 << 20;
const POLICY_BYTES = 1 << 20;
const EVIDENCE_BYTES = 1 << 29;
const LINE_BYTES = 1 << 24;
const ENTRY_BYTES = 8192;
const MOST_FILES = 100_000;
const MOST_SIGNATURES = 100;
const MOST_KEY = 4096;
const MOST_PATH = 63; // no tree of fewer than 2^63 leaves is deeper
const JSON_DEPTH = 64;
const LONG_STRING = 256;
const LARGEST_64 = (1n << 63n) - 1n;
const AHEAD = 300n; // how far a witness's clock may be before ours [seconds]

/** Tone, headline and advice of each verdict; what it means is said by its reason. */
export const VERDICTS = {
  valid: ['good', 'It holds', ''],
  'valid, content erased': ['gone', 'It holds; its content was erased', ''],
  stale: ['doubt', 'It holds, but it is old', 'Much may have changed since; ask for a newer one.'],
  partly: ['doubt', 'As far as this page looks, it holds', ''],
  unwitnessed: ['doubt', 'Unwitnessed', 'Until they have, only the platform vouches for it.'],
  invalid: ['bad', 'It does not hold', 'Do not rely on this file.'],
};

/** It does not hold: `reason` is a code of docs/log.md, the message one clause for a person. */
export class Refusal extends Error {
  constructor(reason, text) {
    super(text);
    this.reason = reason;
  }
}

function need(holds, reason, text) {
  if (!holds) throw new Refusal(reason, text);
}

// ---------------------------------------------------------------------------------------- bytes

const subtle = globalThis.crypto?.subtle; // absent where a page is not in a secure context
const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

/** Text of UTF-8 bytes; null where they are not. A byte order mark is a character like another. */
export function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export const hexOf = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Bytes of lowercase hexadecimal digits; null where it is anything else. */
export function bytesOfHex(text, length) {
  if (typeof text !== 'string' || text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) {
    return null;
  }
  return Uint8Array.from({ length }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export function base64Of(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x2000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  }
  return btoa(text);
}

/** Bytes of base64; null unless it is written in the one canonical way. */
export function bytesOfBase64(text) {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) {
    return null;
  }
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return base64Of(bytes) === text ? bytes : null;
}

const sha256 = async (...parts) =>
  new Uint8Array(await subtle.digest('SHA-256', join(...parts)));

async function hmac(key, ...parts) {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
  return new Uint8Array(await subtle.sign('HMAC', imported, join(...parts)));
}

/** The number that decimal digits write; null unless they are canonical and below 2^63. */
function decimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) return null;
  const number = BigInt(text);
  return number <= LARGEST_64 ? number : null;
}

// ------------------------------------------------------------------------------- canonical JSON

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

function hasKeys(value, ...names) {
  return (
    isObject(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name))
  );
}

/** Canonical JSON (RFC 8785) of a value that JSON can hold, as text. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value)) {
    const names = Object.keys(value).sort(); // by code units, as the RFC has it
    return `{${names.map((name) => `${canonical(name)}:${canonical(value[name])}`).join(',')}}`;
  }
  // half of a surrogate pair is no character: JSON can escape it, UTF-8 cannot hold it
  need(typeof value !== 'string' || !/\p{Cs}/u.test(value), 'malformed', 'its text is broken');
  return JSON.stringify(value);
}

/** How deeply JSON is nested: looked at before it is parsed, because parsing may recurse. */
function depthOf(text) {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && '[{'.includes(character)) deepest = Math.max(deepest, (depth += 1));
    else if (!quoted && ']}'.includes(character)) depth -= 1;
  }
  return deepest;
}

/**
 * The value of canonical JSON; anything written in another way is refused. JSON.parse lets double
 * names, blanks and other spellings pass, so what was read is written again and compared.
 */
export function parseCanonical(bytes) {
  const text = textOf(bytes);
  need(text !== null, 'malformed', 'its JSON is not UTF-8');
  need(depthOf(text) <= JSON_DEPTH, 'malformed', 'its JSON is nested too deeply');
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('malformed', 'it is not JSON');
  }
  need(canonical(value) === text, 'malformed', 'its JSON is not canonical');
  return value;
}

// ----------------------------------------------------------------------------------------- keys

const LOG = 0x01;
const WITNESS = 0x04;
const MLDSA = 0x06; // known by its length, checked by nobody here
const KEY_BYTES = { [LOG]: 32, [WITNESS]: 32, [MLDSA]: 1312 };
const FIELD = (1n << 255n) - 19n;
const EIGHTH = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y coordinates of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER = new Set([0n, 1n, FIELD - 1n, EIGHTH, FIELD - EIGHTH]);

/** The y of an encoded point; the topmost bit is the sign of its x. */
const yOf = (point) =>
  BigInt(`0x${hexOf(Uint8Array.from(point).reverse())}`) & ((1n << 255n) - 1n);

function power(base, exponent) {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % FIELD;
    if (bit === '1') result = (result * base) % FIELD;
  }
  return result;
}

/**
 * Whether a public key is one on which two verifiers could differ: no point of the curve, encoded
 * in a second way, or of small order, so that anybody could sign for it.
 */
export function isWeakKey(key) {
  const y = yOf(key);
  if (y >= FIELD || SMALL_ORDER.has(y)) return true;
  // x² = (y² - 1) / (d y² + 1), d = -121665 / 121666; a quotient is a square if the product is
  const squared = (y * y) % FIELD;
  const [above, below] = [squared - 1n, 121666n * (121666n - 121665n * squared)];
  const product = (((above * below) % FIELD) + FIELD) % FIELD;
  return power(product, (FIELD - 1n) / 2n) !== 1n;
}

/**
 * Whether an Ed25519 signature holds. One whose first half is of small order does not: no honest
 * signer makes one, and browsers are not of one mind about it.
 */
export async function verifyEd25519(key, message, signature) {
  if (signature.length !== 64) return false;
  if (SMALL_ORDER.has(yOf(signature.subarray(0, 32)) % FIELD)) return false;
  try {
    const imported = await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return await subtle.verify({ name: 'Ed25519' }, imported, signature, message);
  } catch (error) {
    if (error?.name === 'NotSupportedError') throw error; // an old browser is no forged signature
    return false;
  }
}

const isKeyName = (name) => name !== '' && !/[\p{White_Space}+]/u.test(name);

/** A verifier key `<name>+<id>+<base64>`: {name, id, type, key}. */
export async function parseVkey(text) {
  need(text.length <= MOST_KEY, 'too-large', 'a key is longer than any can be');
  const [, name, id, encoded] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text) ?? [];
  const bytes = bytesOfBase64(encoded);
  const named = name !== undefined && isKeyName(name) && !/[\x00-\x1f\x7f-\x9f]/.test(name);
  need(named && bytes?.length, 'malformed', 'a key is not written as keys are');
  const [type, key] = [bytes[0], bytes.subarray(1)];
  need(KEY_BYTES[type] === key.length, 'malformed', `the key ${name} is of no known kind`);
  const own = hexOf(await sha256(utf8(`${name}\n`), bytes)).slice(0, 8);
  need(own === id, 'malformed', `the id of the key ${name} is not its own`);
  if (type === MLDSA) need(utf8(name).length <= 255, 'malformed', 'the name of a key is too long');
  else need(!isWeakKey(key), 'malformed', `the key ${name} is weak: anybody could sign for it`);
  return { name, id, type, key };
}

// ------------------------------------------------------------------------- notes and checkpoints

/** A signed note: {text, signatures: [{name, id, bytes}]}. Trusts nothing. */
export function parseNote(whole) {
  need(!/[\x00-\x09\x0b-\x1f]/.test(whole), 'malformed', 'the note has control characters');
  const end = whole.lastIndexOf('\n\n');
  need(end >= 0 && whole.endsWith('\n'), 'malformed', 'the note has no signatures');
  const lines = whole.slice(end + 2, -1).split('\n');
  need(lines.length <= MOST_SIGNATURES, 'malformed', 'the note has too many signatures');
  return { text: whole.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line) {
  const [, name, encoded] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  const bytes = bytesOfBase64(encoded);
  need(
    name !== undefined && isKeyName(name) && bytes?.length > 4,
    'malformed',
    'a signature line is malformed',
  );
  return { name, id: hexOf(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
}

/** A checkpoint's text: {origin, size, root}, and nothing more, which nobody could check. */
export function parseCheckpoint(text) {
  const lines = text.slice(0, -1).split('\n');
  const [origin, digits, encoded] = lines;
  need(lines.length === 3 && origin, 'malformed', 'the checkpoint is not three lines');
  const size = decimal(digits);
  const root = bytesOfBase64(encoded);
  need(size !== null && root?.length === 32, 'malformed', 'the checkpoint is malformed');
  return { origin, size, root };
}

/** Whether a witness cosigned, and when: {holds, time}. */
export async function checkCosignature(witness, text, bytes) {
  if (bytes.length !== 72) return { holds: false };
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  if (time === 0n || time > LARGEST_64) return { holds: false };
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
  return { holds: await verifyEd25519(witness.key, message, bytes.subarray(8)), time };
}

/**
 * Check a checkpoint's signatures under a policy: every one by a known key must hold, and one must
 * be the log's own. Signatures by unknown keys say nothing; neither does ML-DSA's, which no browser
 * can check yet, so a quorum that needs one is not met here.
 *
 * Returns {log, cosigned: [{name, key, time}], quorum, newest}, `newest` null if nobody cosigned.
 */
export async function checkSignatures(note, origin, policy, at) {
  const known = policy.logs.some(({ key }) => key.name === origin);
  need(known, 'unknown-log', `the policy does not know the log ${origin}`);
  const times = new Map();
  let log = null;
  for (const { name, id, bytes } of note.signatures) {
    const isMine = ({ key }) => key.name === name && key.id === id && key.type !== MLDSA;
    const byLog = policy.logs.find(isMine);
    const witness = policy.witnesses.find(isMine);
    if (byLog) {
      const holds = await verifyEd25519(byLog.key.key, utf8(note.text), bytes);
      need(holds, 'bad-signature', `the signature of the log ${name} does not hold`);
      if (name === origin) log = byLog.key;
    } else if (witness) {
      const { holds, time } = await checkCosignature(witness.key, note.text, bytes);
      need(holds, 'bad-signature', `the signature of the witness ${name} does not hold`);
      const before = times.get(witness.name) ?? 0n;
      times.set(witness.name, time > before ? time : before);
    }
  }
  need(log, 'unknown-log', 'the log did not sign it with a key that the policy knows');
  const cosigned = policy.witnesses
    .filter(({ name }) => times.has(name))
    .map(({ name, key }) => ({ name, key, time: times.get(name) }));
  const newest = cosigned.reduce((last, { time }) => (time > last ? time : last), 0n) || null;
  need(newest === null || newest <= at + AHEAD, 'future-time', 'a witness dates it in the future');
  return { log, cosigned, newest, quorum: isQuorum(policy, new Set(times.keys())) };
}

// --------------------------------------------------------------------------------------- policy

/**
 * Which logs, witnesses and quorum one trusts: {logs: [{key}], witnesses: [{name, key}], groups,
 * quorum}. Names of witnesses and groups are octets, here one character each.
 */
export async function parsePolicy(bytes) {
  need(bytes.length <= POLICY_BYTES, 'too-large', 'the policy is too large');
  const octets = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  need(!/[\x00-\x08\x0b-\x1f\x7f]/.test(octets), 'malformed', 'the policy has control characters');
  need(octets === '' || octets.endsWith('\n'), 'malformed', 'the policy ends within a line');
  const policy = { logs: [], witnesses: [], groups: new Map(), quorum: null };
  const used = new Set();
  for (const line of octets.split('\n')) {
    const [word, ...items] = line.split(/[ \t]+/).filter((item) => item);
    if (word === undefined || word.startsWith('#')) continue;
    need(Object.hasOwn(POLICY_LINES, word), 'malformed', 'the policy has a line of no known kind');
    await POLICY_LINES[word](policy, items, used);
  }
  need(policy.quorum !== null, 'malformed', 'the policy names no quorum');
  return policy;
}

const isNamed = (policy, name) =>
  policy.groups.has(name) || policy.witnesses.some((witness) => witness.name === name);

const POLICY_LINES = {
  async log(policy, items) {
    need(items.length === 1 || items.length === 2, 'malformed', 'a log line has a key and a URL');
    policy.logs.push({ key: await policyKey(items[0], LOG, policy.logs, policy) });
  },
  async witness(policy, [name, vkey, ...rest]) {
    need(vkey !== undefined && rest.length <= 1, 'malformed', 'a witness has a name, key and URL');
    need(name !== 'none' && !isNamed(policy, name), 'malformed', 'a name of the policy is taken');
    policy.witnesses.push({ name, key: await policyKey(vkey, WITNESS, policy.witnesses, policy) });
  },
  group(policy, [name, rule, ...members], used) {
    need(members.length > 0, 'malformed', 'a group has a name, a rule and members');
    need(name !== 'none' && !isNamed(policy, name), 'malformed', 'a name of the policy is taken');
    for (const member of members) {
      need(isNamed(policy, member), 'malformed', 'a group has a member that is not defined before');
      need(!used.has(member), 'malformed', 'a member is listed twice among the groups');
      used.add(member);
    }
    const least = leastOf(rule, members.length);
    need(least >= 1 && least <= members.length, 'malformed', 'a group asks for too many or none');
    policy.groups.set(name, { least, members });
  },
  quorum(policy, [name, ...rest]) {
    need(name !== undefined && rest.length === 0, 'malformed', 'a quorum is one name');
    need(policy.quorum === null, 'malformed', 'the policy names two quorums');
    need(name === 'none' || isNamed(policy, name), 'malformed', 'the quorum is not defined before');
    policy.quorum = name;
  },
};

function leastOf(rule, most) {
  if (rule === 'all') return most;
  return rule === 'any' ? 1 : Number(decimal(rule) ?? 0n);
}

async function policyKey(octets, type, others, { logs, witnesses }) {
  const text = textOf(Uint8Array.from(octets, (character) => character.charCodeAt(0)));
  need(text !== null, 'malformed', 'a key of the policy is not UTF-8');
  const found = await parseVkey(text);
  need([type, MLDSA].includes(found.type), 'malformed', `the key ${found.name} is of another kind`);
  const twice = others.some(({ key }) => equal(key.key, found.key));
  // two keys of one name and id can be made; then no line would say whose it is
  const unclear = [...logs, ...witnesses].some(
    ({ key }) => key.name === found.name && key.id === found.id && !equal(key.key, found.key),
  );
  need(!twice && !unclear, 'malformed', `the key ${found.name} is there twice`);
  return found;
}

/** Whether those who cosigned are enough. */
export function isQuorum(policy, names) {
  const seen = (name) => {
    const group = policy.groups.get(name);
    if (group === undefined) return names.has(name);
    return group.members.filter(seen).length >= group.least;
  };
  return policy.quorum === 'none' || seen(policy.quorum);
}

// --------------------------------------------------------------------------------- proof, tree

const PROOF_LINE = utf8('c2sp.org/tlog-proof@v1\n');

/** A `.tlog-proof`: {extra, index, path, note, checkpoint}. Trusts nothing. */
export function parseProof(bytes) {
  need(bytes.length <= RECEIPT_BYTES, 'too-large', 'it is larger than 1 MiB');
  need(
    equal(bytes.subarray(0, PROOF_LINE.length), PROOF_LINE),
    'wrong-format',
    'it does not begin as a proof of a log does',
  );
  const text = textOf(bytes.subarray(PROOF_LINE.length));
  const end = text?.indexOf('\n\n') ?? -1;
  need(end >= 0, 'malformed', 'it ends before its checkpoint');
  const lines = text.slice(0, end).split('\n');
  let extra = null;
  if (lines[0].startsWith('extra ')) {
    extra = bytesOfBase64(lines.shift().slice('extra '.length));
    need(extra?.length, 'malformed', 'its extra line is not base64');
  }
  const [first = '', ...hashes] = lines;
  const index = first.startsWith('index ') ? decimal(first.slice('index '.length)) : null;
  need(index !== null, 'malformed', 'its index line is malformed');
  need(hashes.length <= MOST_PATH, 'malformed', 'its path is too long');
  const path = hashes.map(bytesOfBase64);
  need(path.every((hash) => hash?.length === 32), 'malformed', 'its path is malformed');
  const note = parseNote(text.slice(end + 2));
  return { extra, index, path, note, checkpoint: parseCheckpoint(note.text) };
}

const BYTE = Array.from({ length: 4 }, (_, byte) => Uint8Array.of(byte));

export const hashLeaf = (leaf) => sha256(BYTE[0], leaf);
export const hashChildren = (left, right) => sha256(BYTE[1], left, right);

/**
 * Whether a leaf is in a tree: RFC 9162, section 2.1.3.2, step by step.
 *
 * Index and size are BigInt; hashes are 32 bytes each.
 */
export async function checkInclusion({ index, size, leafHash, path, root }) {
  if (index >= size || index < 0n) return false;
  let [fn, sn, hash] = [index, size - 1n, leafHash];
  for (const sibling of path) {
    if (sn === 0n || sibling.length !== 32) return false;
    if (fn & 1n || fn === sn) {
      hash = await hashChildren(sibling, hash);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = await hashChildren(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && equal(hash, root);
}

// ------------------------------------------------------------------------------ record and leaf

const PUBLIC_FIELDS = {
  'terms.draft':
    'id title granted opt_out opt_in digest against widens widens_cells less_notice days in_force',
  'terms.notice': 'text timing channel chance told',
  'terms.publish': 'id title granted opt_out opt_in digest',
  'terms.withdraw': 'id',
  'program.propose':
    'id owner actor uses purpose models territories start end retention_days contract',
  'program.approve': 'id',
  'program.suspend': 'id',
  'program.resume': 'id',
  'program.end': 'id',
  'training-set': 'id program head manifest items root',
  'index.root': 'head n root',
  'key.rotate': 'log vkey',
  'key.retire': 'log vkey',
  erasure: 'events',
};
const COMMITMENT_KEY = utf8('assent leaf commitment 1');
const HOURS = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])/.source;
const INSTANT = new RegExp(`${HOURS}:[0-5]\\d:[0-5]\\d\\.\\d{3}Z$`);
const HOUR = new RegExp(`${HOURS}Z$`);

const isInstant = (text) => typeof text === 'string' && INSTANT.test(text);
const isHour = (text) => typeof text === 'string' && HOUR.test(text);
const isKind = (text) => typeof text === 'string' && /^[a-z]+(?:[.-][a-z]+)*$/.test(text);

function checkRecord(record) {
  const holds =
    hasKeys(record, 'at', 'body', 'by', 'kind', 'number') &&
    isInstant(record.at) &&
    isObject(record.body) &&
    bytesOfHex(record.by, 32) !== null &&
    isKind(record.kind) &&
    Number.isSafeInteger(record.number);
  need(holds, 'malformed', 'its record is not one that a log commits to');
}

const digestOf = async (text) => ({ sha256: hexOf(await sha256(utf8(text))) });

/** What a public field shows: long text gives way to its digest. */
const shortened = async (value) =>
  typeof value === 'string' && [...value].length > LONG_STRING ? digestOf(value) : value;

/** The entry that a record and its opening give: {entry, bytes}. */
export async function rebuildEntry(record, opening) {
  checkRecord(record);
  const commitment = await hmac(COMMITMENT_KEY, opening, utf8(canonical(record)));
  const entry = { c: base64Of(commitment), k: record.kind, t: `${record.at.slice(0, 13)}Z`, v: 1 };
  if (Object.hasOwn(PUBLIC_FIELDS, record.kind)) {
    entry.b = {};
    const fields = PUBLIC_FIELDS[record.kind].split(' ');
    for (const name of fields.filter((field) => Object.hasOwn(record.body, field))) {
      entry.b[name] = await shortened(record.body[name]);
    }
    entry.t = record.at;
    const tooLong = utf8(canonical(entry)).length > ENTRY_BYTES;
    if (tooLong) entry.b = await digestOf(canonical(entry.b));
  }
  return { entry, bytes: utf8(canonical(entry)) };
}

/** An entry as it is given where the content was erased. */
function givenEntry(entry) {
  const names = isObject(entry) && Object.hasOwn(entry, 'b') ? 'bcktv' : 'cktv';
  need(hasKeys(entry, ...names), 'malformed', 'its entry is not one of a log');
  return { entry, bytes: utf8(canonical(entry)) };
}

/** Whether an entry that a log holds is of the form that this page can tell about. */
function isEntry({ b, c, k, t, v }) {
  const open = isKind(k) && Object.hasOwn(PUBLIC_FIELDS, k);
  const dated = open ? isObject(b) && isInstant(t) : b === undefined && isHour(t);
  return isKind(k) && dated && bytesOfBase64(c)?.length === 32 && v === 1;
}

/** Check what a receipt shows of what its record only commits to. */
export async function checkShown(shown, record, opening) {
  const known = ['by', 'holders', 'counts'];
  const shaped = isObject(shown) && Object.keys(shown).every((name) => known.includes(name));
  need(shaped, 'malformed', 'it shows something that no record commits to');
  if (Object.hasOwn(shown, 'by')) {
    const named = typeof shown.by === 'string' && (await hmac(opening, utf8(`by/v1\n${shown.by}`)));
    const same = named && hexOf(named) === record.by;
    need(same, 'bad-shown', 'the name that it shows is not the one on record');
  }
  for (const name of ['holders', 'counts'].filter((list) => Object.hasOwn(shown, list))) {
    need(Array.isArray(shown[name]), 'malformed', 'it shows no list where one should be');
    for (const item of shown[name]) await checkElement(item, record.body[name]);
  }
}

async function checkElement(item, list) {
  const listed = hasKeys(list, 'n', 'root') && Number.isSafeInteger(list.n);
  const root = listed ? bytesOfHex(list.root, 32) : null;
  const path = Array.isArray(item?.path) ? item.path.map((hash) => bytesOfHex(hash, 32)) : [null];
  const whole = hasKeys(item, 'entry', 'index', 'path') && Number.isSafeInteger(item.index);
  // an element is a list or an object; text would be an erased one, of which nothing can be shown
  const shaped = whole && (isObject(item.entry) || Array.isArray(item.entry));
  need(root && shaped && path.every(Boolean), 'malformed', 'an element that it shows is malformed');
  const [index, size] = [BigInt(item.index), BigInt(list.n)];
  const leafHash = await hashLeaf(utf8(canonical(item.entry)));
  const holds = await checkInclusion({ index, size, leafHash, path, root });
  need(holds, 'bad-shown', 'an element that it shows is not in the list on record');
}

// ---------------------------------------------------------------------------------- prefix tree

const NOBODY = new Uint8Array(32); // a missing child, and the root of no keys

const bitOf = (key, depth) => (key[depth >> 3] >> (7 - (depth & 7))) & 1;

/** A missing child is written as no text, never as the zeros that it is hashed as. */
function pathHash(text) {
  const hash = bytesOfHex(text, 32);
  return hash?.some((byte) => byte !== 0) ? hash : null;
}

/** A prefix path read from its JSON: {depth, siblings, found}. */
export function parsePath(path) {
  const { depth, siblings, found } = hasKeys(path, 'depth', 'found', 'siblings') ? path : {};
  const whole = isCount(depth) && depth <= 256 && Array.isArray(siblings);
  need(whole && siblings.length === depth, 'malformed', 'its path is malformed');
  const hashes = siblings.map((text) => (text === '' ? NOBODY : pathHash(text)));
  need(hashes.every((hash) => hash), 'malformed', 'its path is malformed');
  // one of two missing children would stand higher up: a tree has no such place
  const least = depth === 0 || siblings[depth - 1] !== '';
  need(least, 'malformed', 'its path goes deeper than the tree');
  if (found === null) return { depth, siblings: hashes, found: null };
  const [key, value] = hasKeys(found, 'key', 'value')
    ? [bytesOfHex(found.key, 32), bytesOfHex(found.value, 32)]
    : [];
  need(key && value, 'malformed', 'its path ends in no leaf');
  return { depth, siblings: hashes, found: { key, value } };
}

/** The root that a path for a key leads to. */
export async function pathRoot(path, key) {
  let node = path.found ? await sha256(BYTE[2], path.found.key, path.found.value) : NOBODY;
  for (let depth = path.depth - 1; depth >= 0; depth -= 1) {
    const sibling = path.siblings[depth];
    const [left, right] = bitOf(key, depth) ? [sibling, node] : [node, sibling];
    node = await sha256(BYTE[3], left, right);
  }
  return node;
}

/** Whether a path shows a key with a value, or, without a value, that the key is not there. */
export async function checkPath(path, root, key, value = null) {
  const { depth, found } = path;
  const here = found !== null && equal(found.key, key);
  if (value !== null) {
    if (!here || !equal(found.value, value)) return false;
  } else if (here || (found && !sharesPrefix(found.key, key, depth))) {
    return false;
  }
  return equal(await pathRoot(path, key), root);
}

function sharesPrefix(a, b, bits) {
  for (let depth = 0; depth < bits; depth += 1) {
    if (bitOf(a, depth) !== bitOf(b, depth)) return false;
  }
  return true;
}

/** The root of a whole prefix tree; pairs of 32 bytes each, no key twice. */
export async function prefixRoot(pairs) {
  const order = (a, b) => {
    const at = a.key.findIndex((byte, i) => byte !== b.key[i]);
    return at < 0 ? 0 : a.key[at] - b.key[at];
  };
  const sorted = [...pairs].sort(order);
  const twice = sorted.some((pair, i) => i > 0 && order(sorted[i - 1], pair) === 0);
  need(!twice, 'bad-prefix', 'a key is there twice');
  const node = async (low, high, depth) => {
    if (low === high) return NOBODY;
    if (high - low === 1) return sha256(BYTE[2], sorted[low].key, sorted[low].value);
    let middle = low;
    while (middle < high && !bitOf(sorted[middle].key, depth)) middle += 1;
    const left = node(low, middle, depth + 1);
    // small subtrees are hashed side by side, large ones in turn, so that memory stays small
    if (high - low > 1024) await left;
    return sha256(BYTE[3], ...(await Promise.all([left, node(middle, high, depth + 1)])));
  };
  return node(0, sorted.length, 0);
}

/** What can be claimed under the root of which kind of entry. */
const CLAIMS = { 'index.root': ['state'], 'training-set': ['member', 'absent'] };

/** Check a word proof or set proof; returns the recording's registration, read. */
async function checkPrefix(prefix, receipt, policy, at) {
  const valued = isObject(prefix) && Object.hasOwn(prefix, 'value');
  const names = ['claim', 'path', 'registration', ...(valued ? ['value'] : [])];
  need(hasKeys(prefix, ...names), 'malformed', 'its claim is malformed');
  const { origin, entry } = receipt;
  const registration = await checkRegistration(prefix.registration, origin, policy, at);
  const claims = Object.hasOwn(CLAIMS, entry.k) ? CLAIMS[entry.k] : [];
  const placed = origin.endsWith('/index') && claims.includes(prefix.claim);
  const root = placed ? bytesOfHex(entry.b.root, 32) : null;
  need(root, 'bad-prefix', 'its entry holds no root for what it claims');
  const absent = prefix.claim === 'absent';
  const shaped = absent ? !valued : isObject(prefix.value);
  need(shaped, 'malformed', 'what it claims of the recording is malformed');
  const handle = await hmac(registration.opening, utf8('handle/v1'));
  const place = entry.k === 'index.root' ? 'state/v1' : `set/v1\n${entry.b.manifest}`;
  const key = await hmac(handle, utf8(place));
  const value = absent ? null : await hmac(handle, utf8(`value/v1\n${canonical(prefix.value)}`));
  const holds = await checkPath(parsePath(prefix.path), root, key, value);
  need(holds, 'bad-prefix', 'its path does not lead to the root on record');
  return registration;
}

async function checkRegistration(text, origin, policy, at) {
  need(typeof text === 'string', 'bad-registration', 'it holds no registration');
  let registration;
  try {
    registration = await readReceipt(utf8(text), policy, at);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal('bad-registration', `the recording's own receipt fails: ${error.message}`);
  }
  const { record, prefix } = registration;
  const named = record?.kind === 'recording' && typeof record.body.id === 'string';
  // the same platform's: absence from the index of another one would say nothing
  const here = registration.origin === origin.replace(/index$/, 'consent');
  const holds = named && here && prefix === undefined;
  need(holds, 'bad-registration', "its registration is not a recording's, with all that it says");
  return registration;
}

// -------------------------------------------------------------------------------------- receipt

function parseExtra(bytes) {
  need(bytes !== null, 'malformed', 'it does not say what it proves');
  const extra = parseCanonical(bytes);
  if (hasKeys(extra, 'entry')) return { ...extra, erased: true };
  need(isObject(extra), 'malformed', 'what it proves is malformed');
  const optional = ['prefix', 'shown'].filter((name) => Object.hasOwn(extra, name));
  const opening = bytesOfBase64(extra.opening);
  const whole = hasKeys(extra, 'opening', 'record', ...optional) && opening?.length === 32;
  need(whole, 'malformed', 'what it proves is malformed');
  return { ...extra, opening, erased: false };
}

/** Read a receipt and check everything but its prefix part; raises Refusal. */
async function readReceipt(bytes, policy, at) {
  const proof = parseProof(bytes);
  const { origin, size, root } = proof.checkpoint;
  const signed = await checkSignatures(proof.note, origin, policy, at);
  const extra = parseExtra(proof.extra);
  const { opening, record, shown = {}, erased } = extra;
  const rebuilt = erased ? givenEntry(extra.entry) : await rebuildEntry(record, opening);
  const leafHash = await hashLeaf(rebuilt.bytes);
  const included = await checkInclusion({ ...proof, size, leafHash, root });
  need(included, 'bad-inclusion', 'what it says is not in the log at that place');
  need(isEntry(rebuilt.entry), 'malformed', 'its entry is of an unknown form');
  if (!erased) {
    // entry i of the consent log is event i + 1; the index log has its own count
    const placed = !origin.endsWith('/consent') || BigInt(record.number) === proof.index + 1n;
    need(placed, 'bad-record', 'its number is not its place in the log');
    await checkShown(shown, record, opening);
  }
  const { entry } = rebuilt;
  return { ...signed, ...extra, origin, index: proof.index, size, root, shown, entry };
}

function verdictOf(receipt, registration, at, maxAge) {
  const { quorum, newest, erased } = receipt;
  if (!quorum || registration?.quorum === false) return ['unwitnessed', 'quorum'];
  if (maxAge !== null && newest === null) return ['stale', 'no-time'];
  if (maxAge !== null && at - newest > maxAge) return ['stale', 'too-old'];
  return erased ? ['valid, content erased', 'erased'] : ['valid', 'ok'];
}

function whatOf(receipt, registration) {
  const { record, entry, prefix, shown } = receipt;
  return {
    log: receipt.origin,
    key: receipt.log.id,
    index: String(receipt.index),
    size: String(receipt.size),
    root: hexOf(receipt.root),
    kind: entry.k,
    at: record?.at ?? entry.t,
    number: record?.number ?? null,
    body: record?.body ?? entry.b ?? null,
    shown,
    entry,
    witnesses: receipt.cosigned.map(({ name, key, time }) => ({
      name,
      key: `${key.name}+${key.id}`,
      time: String(time),
    })),
    newest: receipt.newest === null ? null : String(receipt.newest),
    prefix: registration && {
      claim: prefix.claim,
      value: prefix.value ?? null,
      recording: registration.record.body,
      registered: registration.record.at,
    },
  };
}

/** Turn any failure into an answer; a failure of another kind than Refusal is malformed input. */
function refused(error) {
  const known = error instanceof Refusal;
  const text = known ? error.message : 'it cannot be read';
  return { verdict: 'invalid', reason: known ? error.reason : 'malformed', text };
}

async function judge(bytes, policy, at, maxAge) {
  const receipt = await readReceipt(bytes, policy, at);
  const registration =
    receipt.prefix === undefined ? null : await checkPrefix(receipt.prefix, receipt, policy, at);
  const [verdict, reason] = verdictOf(receipt, registration, at, maxAge);
  return { verdict, reason, text: '', what: whatOf(receipt, registration), entry: receipt.entry };
}

function seconds({ at, maxAge = null }) {
  return { at: BigInt(at), maxAge: maxAge === null ? null : BigInt(maxAge) };
}

/**
 * The verdict on a receipt, a word proof or a set proof.
 *
 * Args: bytes [Uint8Array]; policy, as `parsePolicy` gives it; `at`, now, and `maxAge`, how old the
 * newest cosignature may be, or null [seconds, number or BigInt].
 *
 * Returns {verdict, reason, text, what}: a verdict and a reason code of docs/log.md, one clause
 * where it is invalid, and what is proved; nothing of an invalid file is in `what`.
 */
export async function verifyReceipt(bytes, policy, options) {
  const { at, maxAge } = seconds(options);
  try {
    const { verdict, reason, text, what } = await judge(bytes, policy, at, maxAge);
    return { verdict, reason, text, what };
  } catch (error) {
    return { ...refused(error), what: {} };
  }
}

// ------------------------------------------------------------------------------------------ ZIP

const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END = 0x06054b50;
const SOUND_FLAGS = 0x080e; // how hard it was deflated, sizes after the data, names in UTF-8

const isPlainName = (name) =>
  /^[\x20-\x7e]{1,255}$/.test(name) &&
  !/[\\:]/.test(name) &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/**
 * The files of a ZIP by its central directory alone: [{name, method, start, packed, size}].
 *
 * Refuses what a plain archive has no need of: comments, extra fields, several disks, zip64,
 * encryption, folders as entries, names that lead elsewhere, two of one name, and bytes before,
 * between or behind its files.
 */
export function parseZip(bytes) {
  need(bytes.length <= EVIDENCE_BYTES, 'too-large', 'it is larger than this page reads, 512 MiB; assent verify reads it');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  need(end >= 0 && view.getUint32(end, true) === END, 'malformed', 'it does not end as a ZIP does');
  const [disk, first, here, count] = [4, 6, 8, 10].map((at) => view.getUint16(end + at, true));
  const [length, start] = [12, 16].map((at) => view.getUint32(end + at, true));
  const plain = disk === 0 && first === 0 && here === count && view.getUint16(end + 20, true) === 0;
  const large = count === 0xffff || start === 0xffffffff; // zip64
  need(!large, 'too-large', 'it has more than this page reads; assent verify reads it');
  need(plain && start + length === end, 'malformed', 'its directory is not where it should be');
  need(count <= MOST_FILES, 'too-large', 'it has too many files');
  const files = [];
  let at = start;
  for (let i = 0; i < count; i += 1) {
    need(at + 46 <= end && view.getUint32(at, true) === CENTRAL, 'malformed', 'its directory ends');
    const file = parseCentral(bytes, view, at, start);
    files.push(file);
    at = file.next;
  }
  need(at === end, 'malformed', 'its directory is longer than it says');
  checkFiles(files, start);
  return files;
}

function parseCentral(bytes, view, at, directory) {
  const [flags, method] = [8, 10].map((offset) => view.getUint16(at + offset, true));
  const [packed, size] = [20, 24].map((offset) => view.getUint32(at + offset, true));
  const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
  const [disk, start] = [view.getUint16(at + 34, true), view.getUint32(at + 42, true)];
  const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
  const name = textOf(bytes.subarray(at + 46, at + 46 + lengths[0])) ?? '';
  need(isPlainName(name), 'malformed', 'one of its files has no plain name');
  const sound = (flags & ~SOUND_FLAGS) === 0 && disk === 0 && (method === 0 || method === 8);
  const bare = lengths[1] === 0 && lengths[2] === 0; // no extra field, no comment
  const plain = sound && bare && (method === 8 || packed === size);
  need(plain, 'malformed', `${name} is packed in a strange way`);
  // zip64 needs no test of its own: its marks are sizes and offsets that lie outside this file
  need(start + 30 <= directory, 'malformed', `${name} lies outside the file`);
  const local = [18, 26, 28].map((offset) => view.getUint16(start + offset, true));
  const body = start + 30 + local[1] + local[2];
  const named = bytes.subarray(start + 30, start + 30 + local[1]);
  const same =
    view.getUint32(start, true) === LOCAL &&
    local[2] === 0 &&
    view.getUint16(start + 8, true) === method &&
    equal(named, bytes.subarray(at + 46, at + 46 + lengths[0]));
  need(same, 'malformed', `${name} is called otherwise where it lies`);
  need(body + packed <= directory, 'malformed', `${name} lies outside the file`);
  return { name, method, start, body, packed, size, next };
}

function checkFiles(files, directory) {
  const names = new Set(files.map((file) => file.name));
  need(names.size === files.length, 'malformed', 'two of its files have one name');
  const total = files.reduce((sum, file) => sum + file.size, 0);
  need(total <= EVIDENCE_BYTES, 'too-large', 'its files come to more than 512 MiB');
  const placed = [...files].sort((a, b) => a.start - b.start);
  const ends = [0, ...placed.map((file) => file.body + file.packed)];
  const close = [...placed.map((file) => file.start), directory].every((at, i) => at === ends[i]);
  need(close, 'malformed', 'its files do not lie one after the other');
}

/** The bytes of one file; unpacking stops where it gives more than the directory declares. */
export async function readFile(bytes, file) {
  const packed = bytes.subarray(file.body, file.body + file.packed);
  if (file.method === 0) return packed;
  const broken = `${file.name} cannot be unpacked`;
  const whole = new Uint8Array(file.size);
  let filled = 0;
  const reader = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      need(filled + value.length <= file.size, 'malformed', broken);
      whole.set(value, filled);
      filled += value.length;
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw new Refusal('malformed', error instanceof Refusal ? error.message : broken);
  }
  need(filled === file.size, 'malformed', broken);
  // its checksum is not looked at: the signed list has the SHA-256 of every file
  return whole;
}

// ------------------------------------------------------------------------------------- evidence

const NOTE = 'evidence.note';
const SET = 'training-set.tlog-proof';
const ITEMS = 'items.jsonl';
const MANIFEST = 'manifest.parquet';
const GROUNDS = 'recordings.jsonl';
const LISTING = 'assent evidence 1\n';
const MOST_NAMED = 5;

const isReceipt = (name) => name.startsWith('receipts/');

/** What nobody could look at, and why: no failure. */
class Unknown extends Error {}

/**
 * What the parts are checked with; each check returns its text, or raises Refusal or Unknown.
 *
 * `signer` is the log that signed the list, `set` the event of the set, `gone` how many members are
 * not named any more; null until that is known.
 */
class Evidence {
  constructor(bytes, files, policy, times) {
    Object.assign(this, { bytes, policy, times, verdicts: [], signer: null, set: null, gone: null });
    this.files = new Map(files.map((file) => [file.name, file]));
  }

  async read(name) {
    const file = this.files.get(name);
    need(file, 'malformed', `${name} is missing`);
    return readFile(this.bytes, file);
  }

  async judge(name, maxAge) {
    const file = this.files.get(name);
    need(file.size <= RECEIPT_BYTES, 'too-large', `${name} is larger than 1 MiB`);
    const judged = await judge(await this.read(name), this.policy, this.times.at, maxAge);
    this.verdicts.push(judged);
    return judged;
  }
}

async function checkListing(evidence) {
  const text = textOf(await evidence.read(NOTE));
  need(text !== null, 'malformed', 'the list is not UTF-8');
  const note = parseNote(text);
  evidence.signer = await checkListSignature(note, evidence.policy);
  const names = [...evidence.files.keys()].filter((name) => name !== NOTE).sort();
  const lines = [];
  for (const name of names) {
    const digest = hexOf(await sha256(await evidence.read(name)));
    lines.push(`${digest}  ${name}\n`);
  }
  if (note.text !== LISTING + lines.join('')) throw unlike(note.text, lines);
  return `${names.length} files are there, each as it was when the platform signed the list`;
}

async function checkListSignature(note, policy) {
  let signer = null;
  for (const { name, id, bytes } of note.signatures) {
    const log = policy.logs.find(({ key }) => key.name === name && key.id === id);
    // only the log of all events signs lists
    if (log?.key.type !== LOG || !name.endsWith('/consent')) continue;
    const holds = await verifyEd25519(log.key.key, utf8(note.text), bytes);
    need(holds, 'bad-signature', 'the signature of the list does not hold');
    signer ??= name;
  }
  need(signer, 'bad-signature', 'no log of all events that the policy knows signed the list');
  return signer;
}

/** Why the list is not that of the files: which differ, are missing, or are not listed. */
function unlike(list, lines) {
  const [head, ...listed] = list.split(/(?<=\n)/);
  if (head !== LISTING) return new Refusal('wrong-format', 'the list is of another format');
  const [theirs, ours] = [new Set(listed), new Set(lines)];
  const differing = [...listed.filter((line) => !ours.has(line)), ...lines]
    .filter((line) => !theirs.has(line) || !ours.has(line))
    .map((line) => line.slice(66).trimEnd());
  const names = [...new Set(differing)].sort();
  const text = names.length ? `not as listed: ${some(names)}` : 'the list is out of order';
  return new Refusal('malformed', text);
}

const some = (names) =>
  names.slice(0, MOST_NAMED).join(', ') +
  (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '');

async function checkSet(evidence) {
  need(evidence.files.has(SET), 'malformed', `${SET} is missing`);
  const { what, entry } = await evidence.judge(SET, evidence.times.maxAge);
  const right = entry.k === 'training-set' && what.log.endsWith('/index') && what.number !== null;
  need(right, 'bad-record', 'it is not the proof of a training set');
  const { signer } = evidence;
  const same = signer === null || what.log === signer.replace(/consent$/, 'index');
  need(same, 'unknown-log', 'it is of another platform than the list');
  const { id, program, head } = entry.b;
  need(head < what.number, 'bad-record', 'it went on record before it was selected');
  evidence.set = { ...entry.b, number: what.number };
  return `the set ${id}, for the program ${program}, is on record since ${what.at.slice(0, 10)}`;
}

async function checkItems(evidence) {
  const bytes = await evidence.read(ITEMS);
  const pairs = [];
  let [gone, last, at] = [0, '', 0];
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at);
    need(end >= 0 && end - at <= LINE_BYTES, 'malformed', 'a line does not end');
    const { isNamed, ...pair } = parseItem(bytes.subarray(at, end));
    const key = hexOf(pair.key);
    need(key > last, 'bad-prefix', 'the recordings do not come by rising key');
    last = key;
    pairs.push(pair);
    gone += isNamed ? 0 : 1;
    at = end + 1;
  }
  evidence.gone = gone;
  const { items, root } = evidence.set;
  need(pairs.length === items, 'bad-prefix', `it lists ${pairs.length} recordings, not ${items}`);
  const mine = hexOf(await prefixRoot(pairs));
  need(mine === root, 'bad-prefix', 'the recordings listed are not those on record');
  const erased = gone ? `; ${gone} of them without a name, because somebody was erased since` : '';
  return `${pairs.length} recordings are listed, and they are those on record${erased}`;
}

function parseItem(line) {
  const item = parseCanonical(line);
  const isNamed = isObject(item?.item); // null once somebody was erased; its key and value stay
  const shaped = hasKeys(item, 'item', 'key', 'value') && (isNamed || item.item === null);
  const [key, value] = shaped ? [bytesOfHex(item.key, 32), bytesOfHex(item.value, 32)] : [];
  need(key && value, 'malformed', 'a line is malformed');
  return { isNamed, key, value };
}

async function checkManifest(evidence) {
  if (!evidence.files.has(MANIFEST) && evidence.gone) {
    throw new Unknown('it is left out, because it names somebody who was erased since');
  }
  const digest = hexOf(await sha256(await evidence.read(MANIFEST)));
  need(digest === evidence.set.manifest, 'bad-record', 'it is not the manifest on record');
  const whole = evidence.gone === null || evidence.gone === 0;
  need(whole, 'bad-record', 'it names members that are said to be erased');
  return 'it is the manifest on record, bit for bit; its rows were not looked at';
}

async function checkReceipts(evidence) {
  const names = [...evidence.files.keys()].filter(isReceipt).sort();
  const wrong = [];
  const receipts = [];
  let reason = null;
  for (const name of names) {
    try {
      const judged = await evidence.judge(name, null);
      checkPlace(judged, name, evidence.signer);
      receipts.push(judged.what);
    } catch (error) {
      reason ??= refused(error).reason;
      wrong.push(`${name} (${refused(error).text})`);
    }
  }
  need(wrong.length === 0, reason, `these do not hold: ${some(wrong)}`);
  checkErasure(receipts, evidence);
  const erased = receipts.filter(({ number }) => number === null).length;
  const without = erased ? `; ${erased} without content` : '';
  return `${names.length} receipts hold${without}`;
}

/** Check that a receipt is of the log that signed the list, and of the event it is called after. */
function checkPlace({ what }, name, signer) {
  const [, number] = /^receipts\/([1-9][0-9]{0,15})\.tlog-proof$/.exec(name) ?? [];
  need(number, 'malformed', 'it is not called as receipts are');
  const mine = signer === null ? what.log.endsWith('/consent') : what.log === signer;
  need(mine && what.prefix === null, 'unknown-log', 'it is of another log');
  need(BigInt(what.index) + 1n === BigInt(number), 'bad-record', 'it is of another event');
}

/** Check that members without a name are so because somebody was erased after the set. */
function checkErasure(receipts, { gone, set }) {
  if (!gone) return;
  const erasures = receipts.filter(({ kind, number }) => kind === 'erasure' && number > set.number);
  const erased = erasures.reduce((sum, { body }) => sum + body.events, 0);
  need(erased, 'bad-record', 'members are said to be erased, and no erasure came after the set');
  const many = `members are said to be erased: ${gone}; events that were: ${erased}`;
  need(gone <= erased, 'bad-record', many); // of each its registration went, if of nothing else
}

/** The grounds are long work, and all of them are the command line's. */
async function checkGrounds() {
  throw new Unknown(
    'whether every holder of every member had said yes is not looked at by this page; ' +
      'assent verify on the command line looks at it',
  );
}

/** Each part of the evidence: its files, and what they are checked with, in this order. */
const PARTS = [
  { part: NOTE, covers: (name) => name === NOTE, check: checkListing },
  { part: SET, covers: (name) => name === SET, check: checkSet },
  { part: ITEMS, covers: (name) => name === ITEMS, check: checkItems, ofSet: true },
  { part: MANIFEST, covers: (name) => name === MANIFEST, check: checkManifest, ofSet: true },
  { part: 'receipts', covers: isReceipt, check: checkReceipts },
  { part: 'the grounds', covers: (name) => name === GROUNDS, check: checkGrounds },
];

async function checkPart({ part, check, ofSet }, evidence) {
  if (ofSet && evidence.set === null) {
    return { part, state: 'unknown', text: 'there is no proof of the set to compare it with' };
  }
  try {
    return { part, state: 'true', text: await check(evidence) };
  } catch (error) {
    if (error instanceof Unknown) return { part, state: 'unknown', text: error.message };
    const { reason, text } = refused(error);
    return { part, state: 'false', text, reason };
  }
}

function evidenceVerdict(parts, verdicts) {
  const wrong = parts.find(({ state }) => state === 'false');
  if (wrong) return ['invalid', wrong.reason];
  for (const name of ['unwitnessed', 'stale']) {
    const worst = verdicts.find(({ verdict }) => verdict === name);
    if (worst) return [name, worst.reason];
  }
  return ['partly', 'not-all-checked']; // the grounds are never looked at, so never more
}

/** Names of files, those of one folder as one, so that all that was not looked at can be said. */
const folders = (names) => [...new Set(names.map((name) => name.replace(/\/.*/, '/')))].sort();

/**
 * The verdict on an `evidence.zip`, part by part.
 *
 * Args as for `verifyReceipt`; `maxAge` is about the proof of the set.
 *
 * Returns {verdict, reason, parts: [{part, state, text}]}; a part that this page does not check is
 * `unknown`: its file is the one that was signed, and what it says was not looked at. So evidence is
 * never `valid` here: what holds as far as this page looks is `partly`.
 */
export async function verifyEvidence(bytes, policy, options) {
  const times = seconds(options);
  let evidence;
  try {
    evidence = new Evidence(bytes, parseZip(bytes), policy, times);
  } catch (error) {
    const { verdict, reason, text } = refused(error);
    return { verdict, reason, parts: [{ part: 'evidence.zip', state: 'false', text }] };
  }
  const parts = [];
  for (const part of PARTS) parts.push(await checkPart(part, evidence));
  const known = (name) => PARTS.some(({ covers }) => covers(name));
  const others = [...evidence.files.keys()].filter((name) => !known(name));
  if (others.length) {
    const text = `listed, and what they say is not looked at: ${folders(others).join(', ')}`;
    parts.push({ part: 'other files', state: 'unknown', text });
  }
  const [verdict, reason] = evidenceVerdict(parts, evidence.verdicts);
  return { verdict, reason, parts: parts.map(({ part, state, text }) => ({ part, state, text })) };
}
