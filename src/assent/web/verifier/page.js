/**
 * The page around the verifier: takes a file, shows the verdict in plain words.
 *
 * Follows verify.js within one script. Whatever comes out of a file reaches the page as text.
 */

const SECONDS = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});

const KINDS = {
  account: 'An account was opened',
  artist: 'An artist was named',
  'terms.draft': 'Terms were drafted',
  'terms.notice': 'Holders were told of terms',
  'terms.publish': 'Terms were put in force',
  'terms.withdraw': 'A draft of terms was taken back',
  'terms.accept': 'A holder accepted terms',
  agreement: 'A licence agreement was made',
  recording: 'A recording was registered',
  'recording.edit': 'What is said of a recording was changed',
  holding: 'It was said who holds rights in a recording',
  statement: 'A holder said what AI may do',
  'statement.expire': 'A permission ran out',
  'program.propose': 'A program was proposed',
  'program.approve': 'A program was approved',
  'program.suspend': 'A program was stopped',
  'program.resume': 'A program was started again',
  'program.end': 'A program was ended',
  request: 'A program asked holders for more',
  'request.withdraw': 'A program took its request back',
  'request.answer': 'A holder answered a program',
  hold: 'A recording was put on hold',
  'hold.lift': 'A hold was lifted',
  copy: 'A recording was found to be a copy',
  'copy.suspect': 'A recording seemed to be made of another',
  'copy.decide': 'It was decided whether a recording is a copy',
  'copies.clear': 'Somebody who had brought many copies was cleared',
  claim: 'A claim was made on a recording',
  'claim.answer': 'A claim was answered',
  'training-set': 'A training set was put on record',
  use: 'Uses were counted',
  'index.root': 'The state of all recordings was put on record',
  'key.rotate': "The log's key was changed",
  'key.retire': "A key of the log's was retired",
  erasure: 'Content was erased',
};

const VERBS = {
  grants: 'Says yes to',
  refuses: 'Says no to',
  withdraws: 'Takes back the yes to',
  lifts: 'Takes back the no to',
};

const FIELDS = {
  id: 'Its id',
  title: 'Title',
  name: 'Name',
  artist: 'Artist',
  recording: 'Recording',
  original: 'Copy of',
  program: 'Program',
  account: 'Account',
  text: 'Text',
  licence: 'Licence',
  hour: 'In the hour',
  events: 'How many',
  items: 'Recordings in it',
  role: 'Role',
  cause: 'Cause',
  purpose: 'Purpose',
  owner: 'Owner',
  start: 'From',
  end: 'Until',
};

const LISTS = { holders: 'Rights holders', counts: 'Recordings counted' };

const given = JSON.parse(document.getElementById('given').textContent);
const answer = document.getElementById('answer');
const chooser = document.getElementById('file');
const age = document.getElementById('age');

/** An element; whatever is put into it is text or another element, never markup. */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const instantOf = (seconds) => `${SECONDS.format(new Date(Number(seconds) * 1000))} UTC`;

function dateOf(text) {
  const whole = HOUR.test(text) ? `${text.slice(0, -1)}:00:00Z` : text;
  const time = Date.parse(whole);
  const said = Number.isNaN(time) ? text : instantOf(time / 1000); // the 31st of a short month
  return HOUR.test(text) ? `within the hour from ${said}` : said;
}

/** Any value of JSON as text. */
const plain = (value) => (typeof value === 'string' ? value : canonical(value ?? null));

const listOf = (texts) => element('ul', {}, ...texts.map((text) => element('li', {}, text)));

/** The uses of a list in plain words, one line for each thing done. */
function usesInWords(uses) {
  const doers = new Map();
  for (const use of uses.map(plain)) {
    const [actor, activity = ''] = use.split('/');
    const known = Object.hasOwn(given.actors, actor) && Object.hasOwn(given.activities, activity);
    const [what, who] = known ? [given.activities[activity], given.actors[actor]] : [use, null];
    doers.set(what, [...(doers.get(what) ?? []), ...(who ? [who] : [])]);
  }
  const lines = [...doers].map(([what, who]) => what + (who.length ? ` (${who.join('; ')})` : ''));
  return listOf(lines);
}

function wordOf(hex) {
  const word = BigInt(`0x${hex}`);
  const uses = [];
  for (const [actorAt, actor] of Object.keys(given.actors).entries()) {
    for (const [activityAt, activity] of Object.keys(given.activities).entries()) {
      const bit = BigInt(actorAt * Object.keys(given.activities).length + activityAt);
      if ((word >> bit) & 1n) uses.push(`${actor}/${activity}`);
    }
  }
  return uses;
}

function saidInStatement(body) {
  const about = body.recording ? `recording ${plain(body.recording)}` : 'all their recordings';
  const reach = body.program ? `the program ${plain(body.program)} alone` : 'every program';
  const lines = [element('p', {}, `About ${about}, for ${reach}.`)];
  for (const [verb, words] of Object.entries(VERBS)) {
    if (!Array.isArray(body[verb]) || body[verb].length === 0) continue;
    lines.push(element('p', {}, `${words}:`), usesInWords(body[verb]));
  }
  if (isInstant(body.until)) {
    lines.push(element('p', {}, `The yes ends at ${dateOf(body.until)}.`));
  }
  return lines;
}

function saidInFields(body) {
  const lines = Object.entries(FIELDS)
    .filter(([name]) => ['string', 'number'].includes(typeof body[name]))
    .map(([name, words]) => `${words}: ${saidInField(name, body[name])}`);
  for (const [name, words] of Object.entries(LISTS)) {
    if (isObject(body[name])) lines.push(`${words}: ${plain(body[name].n)}`);
  }
  return lines.length ? [listOf(lines)] : [];
}

function saidInField(name, value) {
  if (name !== 'hour') return isInstant(value) ? dateOf(value) : value;
  const hour = `${value}`.endsWith('Z') ? value : `${value}Z`;
  return isHour(hour) ? dateOf(hour).replace('within the hour from', 'from') : value;
}

function saidInPrefix({ claim, value, recording, registered }, { kind, entry, at }) {
  const [id, title] = [recording.id, recording.title].map(plain);
  const which = `Recording ${id}, “${title}”, registered ${dateOf(registered)}`;
  const where = kind === 'index.root' ? 'the state' : `the training set ${plain(entry.b.id)}`;
  if (claim === 'absent') return [element('p', {}, `${which}, is not in ${where}.`)];
  if (claim === 'member') return [element('p', {}, `${which}, is in ${where}.`)];
  if (bytesOfHex(value.word, 8) === null) return [element('p', {}, `${which}.`)];
  const uses = wordOf(value.word);
  const programs = Object.entries(isObject(value.programs) ? value.programs : {});
  return [
    element('p', {}, `${which}.`),
    ...allowedIn(uses, `On ${dateOf(at)}, AI was allowed`),
    ...programs.flatMap(([name, word]) =>
      allowedIn(wordOf(word), `The program “${plain(name)}” was allowed`),
    ),
  ];
}

function allowedIn(uses, who) {
  if (uses.length === 0) return [element('p', {}, `${who} nothing.`)];
  return [element('p', {}, `${who} to:`), usesInWords(uses)];
}

function saidIn(what) {
  const { kind, body, prefix } = what;
  if (prefix) return saidInPrefix(prefix, what);
  const title = element('p', {}, `${KINDS[kind] ?? `An event of the kind ${kind}`}.`);
  if (!isObject(body)) return [title];
  return [title, ...(kind === 'statement' ? saidInStatement(body) : saidInFields(body))];
}

function shownIn({ shown }) {
  const lists = Object.keys(LISTS).flatMap((name) => shown[name] ?? []);
  return lists.length ? [listOf(lists.map(({ entry }) => entryOf(withoutSalt(entry))))] : [];
}

/** An element of a list in words, where it is of a form that this page knows. */
function entryOf(entry) {
  if (Array.isArray(entry) && entry.length === 2 && typeof entry[1] === 'number') {
    return `Recording ${plain(entry[0])}: ${entry[1] === 1 ? 'once' : `${entry[1]} times`}`;
  }
  if (isObject(entry) && typeof entry.share_ppm === 'number' && 'holder' in entry) {
    return `Rights holder ${plain(entry.holder)}: ${entry.share_ppm / 10_000} %`;
  }
  return canonical(entry);
}

/** An element of a list as it is meant; its salt only keeps others from guessing it. */
function withoutSalt(entry) {
  if (Array.isArray(entry)) return entry.slice(0, -1);
  return Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'salt'));
}

const folded = (title, text) =>
  element('details', {}, element('summary', {}, title), element('pre', { tabIndex: 0 }, text));

const fact = (name, ...values) =>
  values.length ? element('div', {}, element('dt', {}, name), element('dd', {}, ...values)) : null;

const witnessedBy = (what) =>
  what.witnesses.length
    ? listOf(what.witnesses.map(({ name, time }) => `${opaque(name)}, ${instantOf(time)}`))
    : 'nobody that this page knows';

/** Names of a policy are octets; most are UTF-8. */
const opaque = (name) => textOf(Uint8Array.from(name, (octet) => octet.charCodeAt(0))) ?? name;

function factsOf(what) {
  const by = typeof what.shown.by === 'string' ? [what.shown.by] : [];
  const facts = element(
    'dl',
    { className: 'facts' },
    fact('What was said', ...saidIn(what)),
    fact('Shown besides', ...shownIn(what)),
    fact('By', ...by),
    fact('When', dateOf(what.at)),
    fact('In the log', what.log),
    fact('Witnessed by', witnessedBy(what)),
  );
  return [facts, folded('Technical facts', JSON.stringify(what, null, 2))];
}

const STATES = {
  true: ['good', 'holds'],
  false: ['bad', 'does not hold'],
  unknown: ['doubt', 'not checked'],
};

const sentence = (clause) => `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;

const partsOf = (parts) =>
  element(
    'ul',
    { className: 'parts' },
    ...parts.map(({ part, state, text }) => {
      const [tone, words] = STATES[state];
      const title = element('p', {}, element('code', {}, part), ' ', element('strong', {}, words));
      return element('li', { className: tone }, title, element('p', {}, sentence(text)));
    }),
  );

const LOOKED_AT =
  'This page checked that the list of files is signed, that the set and its members are those on ' +
  'record, and that the receipts hold';
const NOT_LOOKED_AT =
  'did not check whether every holder of every member had said yes, which assent verify on the ' +
  'command line checks.';

/** What a verdict means, in a sentence or two. */
function meaningOf({ verdict, reason, parts }, policy) {
  const advice = VERDICTS[verdict][2];
  if (parts && verdict === 'invalid') return `A part of this evidence fails. ${advice}`;
  const isGood = verdict.startsWith('valid') || verdict === 'partly';
  // evidence that is old or unwitnessed has grounds too, and they were not looked at either
  const rest = parts ? ` This page ${NOT_LOOKED_AT}` : '';
  if (!isGood) return `${given.sentences[reason]} ${advice}${rest}`;
  const said = parts ? `${LOOKED_AT}; it ${NOT_LOOKED_AT}` : given.sentences[reason];
  const seen =
    policy.quorum === 'none'
      ? 'This page asks for no witness, so only the platform vouches for it.'
      : 'Enough independent witnesses have seen the log like this.';
  return `${said} ${seen}`;
}

function show(name, answered, policy) {
  const { verdict, reason, text, what, parts } = answered;
  const [tone, words] = VERDICTS[verdict];
  answer.className = tone;
  answer.replaceChildren(
    element('p', { className: 'name' }, name),
    element('h2', {}, words),
    element('p', { className: 'meaning' }, meaningOf(answered, policy)),
    ...(text ? [element('p', { className: 'name' }, `In detail: ${text} (${reason}).`)] : []),
    ...(parts ? [partsOf(parts)] : []),
    ...(what?.log ? factsOf(what) : []),
  );
  answer.dataset.verdict = verdict;
  answer.dataset.reason = reason;
}

function notice(text) {
  answer.className = 'doubt';
  answer.replaceChildren(element('p', { className: 'meaning' }, text));
}

let turn = 0;

/** Check a file and show the verdict, unless another was chosen meanwhile. */
async function check(file, policy) {
  const mine = (turn += 1);
  delete answer.dataset.verdict;
  notice('Checking …');
  const start = performance.now();
  const verdict = await verdictOn(file, policy);
  if (mine !== turn) return;
  answer.dataset.took = String(performance.now() - start);
  show(file.name, verdict, policy);
}

async function verdictOn(file, policy) {
  if (file.size > EVIDENCE_BYTES) {
    return { verdict: 'invalid', reason: 'too-large', text: 'it is larger than 512 MiB' };
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const options = { at: Math.floor(Date.now() / 1000), maxAge: age.value || null };
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return (isZip ? verifyEvidence : verifyReceipt)(bytes, policy, options);
}

/** A quorum in words: its witnesses, and how many of them. */
function quorumIn(policy, name) {
  const group = policy.groups.get(name);
  if (!group) return opaque(name);
  const members = group.members.map((member) => quorumIn(policy, member)).join(', ');
  return group.members.length === 1 ? members : `at least ${group.least} of (${members})`;
}

function showTrust(policy, text) {
  const named = ({ name, key }) => `${name ? `${opaque(name)}: ` : ''}${key.name}, key ${key.id}`;
  const keys = (list) => listOf(list.map(named));
  const quorum =
    policy.quorum === 'none'
      ? 'A receipt needs none of them.'
      : `A receipt needs ${quorumIn(policy, policy.quorum)}.`;
  document.getElementById('trust').append(
    element('h3', {}, 'Whom this page trusts'),
    element('p', {}, 'These logs, and no others. Compare them with what you know from elsewhere.'),
    keys(policy.logs),
    element('p', {}, policy.witnesses.length ? 'These witnesses:' : 'No witness.'),
    ...(policy.witnesses.length ? [keys(policy.witnesses)] : []),
    element('p', {}, quorum),
    folded('The whole policy', text),
  );
}

function listen(policy) {
  let last = null;
  const take = (file) => {
    last = file ?? last;
    if (!last) return;
    // a file that has gone from the disk, or cannot be read, is no bug of the page's
    check(last, policy).catch(() => notice('The file could not be read. Choose it once more.'));
  };
  const drop = document.getElementById('drop');
  chooser.addEventListener('change', () => take(chooser.files[0]));
  age.addEventListener('change', () => take(null));
  for (const name of ['dragover', 'drop', 'dragleave']) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', name === 'dragover');
    });
  }
  document.addEventListener('drop', (event) => take(event.dataTransfer.files[0]));
}

/** RFC 8032, section 7.1, test 1: the empty message. */
const KNOWN_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const KNOWN_SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
  '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';

/** Whether this browser can check Ed25519 at all. */
async function canCheck() {
  const [key, signature] = [bytesOfHex(KNOWN_KEY, 32), bytesOfHex(KNOWN_SIGNATURE, 64)];
  try {
    return await verifyEd25519(key, new Uint8Array(0), signature);
  } catch {
    return false;
  }
}

async function start() {
  const bytes = bytesOfBase64(given.policy);
  if (!(await canCheck())) {
    chooser.disabled = true;
    notice(
      'This browser cannot check the signatures (Ed25519). A current version of Firefox, Safari, ' +
        'Chrome or Edge can.',
    );
    return;
  }
  const policy = await parsePolicy(bytes);
  showTrust(policy, textOf(bytes) ?? '');
  listen(policy);
}

start().catch((error) => notice(`This page is not whole: ${error.message}.`));
