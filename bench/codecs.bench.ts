/**
 * Encoding and decoding the messages of the wire, beside protobuf-es on the same messages. All types
 * take turns before any is measured, so that the code has seen every shape, as in a server.
 *
 * Not measured: the first messages of a type, before its code is compiled, and messages that the
 * codecs leave to protobuf-es (unknown fields, proto2).
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { messageCodec } from '../src/wire/message-codec.ts'
import { bestOfTurns } from './best-of-turns.ts'
import { type Envelope, envelopes } from './envelopes.ts'
import type { Measurement } from './measurement.ts'

/** Turns of each of two, and milliseconds of one. */
const TURNS = 20
const TURN_MS = 6
const WARM_UP_ROUNDS = 5_000
/** Messages between two looks at the clock. */
const BATCH = 64

/** The geometric mean over all types for both ways, then each type. */
export async function measureCodecs(): Promise<readonly Measurement[]> {
  for (let i = 0; i < WARM_UP_ROUNDS; i++) for (const one of works) for (const run of one.all) run()
  const encoding: Measurement[] = []
  const decoding: Measurement[] = []
  for (const { name, encode, bareEncode, decode, bareDecode } of works) {
    const encoded = await compared(encode, bareEncode)
    encoding.push({ name: `codecs.encode-${name}`, ...encoded, unit, against })
    const decoded = await compared(decode, bareDecode)
    decoding.push({ name: `codecs.decode-${name}`, ...decoded, unit, against })
  }
  return [
    meanOf('codecs.encode', encoding),
    meanOf('codecs.decode', decoding),
    ...encoding,
    ...decoding,
  ]
}

const unit = 'messages/s'
const against = 'protobuf-es on the same message'

/** Geometric means: every type counts the same, however many bytes it has. */
function meanOf(name: string, all: readonly Measurement[]): Measurement {
  const mean = (rates: readonly number[]): number =>
    Math.exp(rates.reduce((sum, rate) => sum + Math.log(rate), 0) / rates.length)
  return {
    name,
    ours: mean(all.map(({ ours }) => ours)),
    baseline: mean(all.map(({ baseline }) => baseline)),
    unit,
    against: `${against}, mean of all`,
  }
}

type Work = () => unknown

const works = envelopes.map(workOf)

function workOf({ name, schema, message }: Envelope): Readonly<
  Record<'encode' | 'bareEncode' | 'decode' | 'bareDecode', Work>
> & {
  readonly name: string
  readonly all: readonly Work[]
} {
  const codec = messageCodec(schema)
  const bytes = toBinary(schema, message)
  if (Buffer.compare(codec.encode(message), bytes) !== 0) throw new Error(`${name} differs`)
  const encode: Work = () => codec.encode(message)
  const bareEncode: Work = () => toBinary(schema, message)
  const decode: Work = () => codec.decode(bytes)
  const bareDecode: Work = () => fromBinary(schema, bytes)
  const all = [encode, bareEncode, decode, bareDecode]
  return { name, encode, bareEncode, decode, bareDecode, all }
}

async function compared(
  ours: Work,
  baseline: Work,
): Promise<{ readonly ours: number; readonly baseline: number }> {
  return await bestOfTurns({
    ours: () => during(ours),
    baseline: () => during(baseline),
    turns: TURNS,
  })
}

/** How often it ran in a second. */
function during(work: Work): number {
  const started = performance.now()
  let runs = 0
  let now = started
  for (; now - started < TURN_MS; now = performance.now()) {
    for (let i = 0; i < BATCH; i++) kept = work()
    runs += BATCH
  }
  if (kept === undefined) throw new Error('nothing was made')
  return (runs / (now - started)) * 1_000
}

/** What was made last: somebody must take it. */
let kept: unknown
