/**
 * Runs cases on the verifier and prints what it answers.
 *
 * node verify_vectors.mjs PATH_OF_VERIFY_JS < cases; one JSON object a line in, one a line out.
 * Bytes are base64; whatever a checker raises is {"raised": reason, or "bug: …" if it is none}.
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const source = readFileSync(process.argv[2], 'utf8');
const verifier = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'));
const hex = (data) => Buffer.from(data).toString('hex');
const plain = (value) =>
  JSON.stringify(value, (name, inner) => {
    if (typeof inner === 'bigint') return String(inner);
    if (inner instanceof Uint8Array) return hex(inner);
    return inner instanceof Map ? [...inner] : inner;
  });

const policies = new Map();
async function policyOf(text) {
  if (!policies.has(text)) policies.set(text, await verifier.parsePolicy(bytes(text)));
  return policies.get(text);
}

const OPERATIONS = {
  receipt: async ({ file, policy, ...times }) =>
    verifier.verifyReceipt(bytes(file), await policyOf(policy), times),
  evidence: async ({ file, policy, ...times }) =>
    verifier.verifyEvidence(bytes(file), await policyOf(policy), times),
  policy: ({ file }) => verifier.parsePolicy(bytes(file)),
  quorum: async ({ file, names }) =>
    verifier.isQuorum(await verifier.parsePolicy(bytes(file)), new Set(names)),
  vkey: ({ text }) => verifier.parseVkey(text),
  note: ({ file }) => {
    const text = verifier.textOf(bytes(file));
    if (text === null) throw new verifier.Refusal('malformed', 'it is not UTF-8');
    return verifier.parseNote(text);
  },
  checkpoint: ({ file }) => {
    const text = verifier.textOf(bytes(file));
    if (text === null) throw new verifier.Refusal('malformed', 'it is not UTF-8');
    return verifier.parseCheckpoint(verifier.parseNote(text).text);
  },
  cosignature: async ({ vkey, body, line }) => {
    const key = await verifier.parseVkey(vkey);
    const text = verifier.textOf(bytes(body));
    const [signed] = verifier.parseNote(`${text}\n${verifier.textOf(bytes(line))}`).signatures;
    const { holds, time } = await verifier.checkCosignature(key, text, signed.bytes);
    return holds && signed.name === key.name && signed.id === key.id ? time : null;
  },
  signed: async ({ file, policy, at }) => {
    const note = verifier.parseNote(verifier.textOf(bytes(file)));
    const { origin } = verifier.parseCheckpoint(note.text);
    return verifier.checkSignatures(note, origin, await policyOf(policy), BigInt(at));
  },
  proof: ({ file }) => verifier.parseProof(bytes(file)),
  inclusion: ({ index, size, leafHash, path, root }) =>
    verifier.checkInclusion({
      index: BigInt(index),
      size: BigInt(size),
      leafHash: bytes(leafHash),
      path: path.map(bytes),
      root: bytes(root),
    }),
  canonical: ({ file }) => verifier.canonical(verifier.parseCanonical(bytes(file))),
  prefix: ({ pairs }) =>
    verifier.prefixRoot(pairs.map(([key, value]) => ({ key: bytes(key), value: bytes(value) }))),
  path: ({ path, root, key, value }) =>
    verifier.checkPath(
      verifier.parsePath(path),
      bytes(root),
      bytes(key),
      value === null ? null : bytes(value),
    ),
  zip: async ({ file }) => {
    const data = bytes(file);
    const files = verifier.parseZip(data);
    const read = [];
    for (const entry of files) read.push([entry.name, await verifier.readFile(data, entry)]);
    return read;
  },
  // as the engine's own code has it, keys and signatures of small order included
  engine: async ({ key, message, signature }) => {
    const { subtle } = globalThis.crypto;
    try {
      const imported = await subtle.importKey('raw', bytes(key), 'Ed25519', false, ['verify']);
      return await subtle.verify('Ed25519', imported, bytes(signature), bytes(message));
    } catch {
      return false;
    }
  },
  ed25519: ({ key, message, signature }) =>
    verifier.verifyEd25519(bytes(key), bytes(message), bytes(signature)),
  weak: ({ key }) => verifier.isWeakKey(bytes(key)),
  /** Many mutations of one file: which verdicts came, and every mutation taken for valid. */
  fuzz: async ({ file, policy, zip, seed, times, at }) => {
    const whole = bytes(file);
    const trusted = await policyOf(policy);
    const random = generator(seed);
    const verdicts = {};
    const taken = [];
    for (let i = 0; i < times; i += 1) {
      const mutated = mutate(whole, random);
      const check = zip ? verifier.verifyEvidence : verifier.verifyReceipt;
      const { verdict, reason } = await check(mutated, trusted, { at });
      const best = zip ? ['partly'] : ['valid', 'valid, content erased'];
      const known = [...best, 'stale', 'unwitnessed', 'invalid'].includes(verdict);
      const said = known ? `${verdict}: ${reason}` : `unknown verdict ${verdict}`;
      verdicts[said] = (verdicts[said] ?? 0) + 1;
      const kept = () => ({ said, file: Buffer.from(mutated).toString('base64') });
      if (verdict !== 'invalid') taken.push(kept());
      if (!known) throw new Error(said);
    }
    return { verdicts, taken };
  },
  time: async ({ file, policy, times, at }) => {
    const [data, trusted] = [bytes(file), await policyOf(policy)];
    const start = performance.now();
    for (let i = 0; i < times; i += 1) await verifier.verifyReceipt(data, trusted, { at });
    return (performance.now() - start) / times;
  },
};

/** Numbers below a bound that are the same at every run (mulberry32). */
function generator(seed) {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** A copy with one change: a bit, a byte, a cut, bytes put in, taken out, or moved. */
function mutate(whole, random) {
  const at = random(whole.length);
  const long = 1 + random(40);
  const [before, after] = [whole.subarray(0, at), whole.subarray(at)];
  const join = (...parts) => new Uint8Array(Buffer.concat(parts));
  const change = [
    () => join(before, Uint8Array.of(whole[at] ^ (1 << random(8))), after.subarray(1)),
    () => join(before, Uint8Array.of(random(256)), after.subarray(1)),
    () => join(before),
    () => join(before, Uint8Array.from({ length: long }, () => random(256)), after),
    () => join(before, after.subarray(long)),
    () => join(before, whole.subarray(random(whole.length)).subarray(0, long), after),
    () => join(before, after.subarray(long), after.subarray(0, long)),
  ];
  return change[random(change.length)]();
}

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = { gave: await OPERATIONS[op](given) };
  } catch (error) {
    const known = error instanceof verifier.Refusal;
    answer = { raised: known ? error.reason : `bug: ${error?.stack}` };
  }
  console.log(plain(answer));
}
