import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Clock, NANOSECONDS_PER_MS } from './clock.ts'
import {
  bytesOfRoot,
  isUuid,
  namedRoot,
  parseRoot,
  type Random,
  randomRoot,
  rootOfBytes,
  systemRandom,
  writeIds,
} from './identity.ts'

const zeros: Random = { bytes: (length) => new Uint8Array(length), fraction: () => 0 }

describe('parseRoot', () => {
  it('takes the text of a UUID and answers it in lower case', () => {
    const text = '6BA7B812-9dad-11d1-80b4-00C04FD430C8'
    assert.equal(parseRoot(text), text.toLowerCase())
    assert.equal(isUuid(text), true)
  })

  it('refuses every other text and names it', () => {
    for (const input of [
      '',
      'A-1',
      '6ba7b8129dad11d180b400c04fd430c8',
      '{6ba7b812}',
      'g'.repeat(36),
    ]) {
      assert.equal(isUuid(input), false)
      assert.throws(() => parseRoot(input), { code: 'ROOT_INVALID', details: { input } })
    }
  })
})

describe('rootOfBytes', () => {
  it('refuses another length than 16', () => {
    for (const length of [0, 15, 17]) {
      assert.throws(() => rootOfBytes(new Uint8Array(length)), {
        code: 'ROOT_INVALID',
        details: { actual: String(length) },
      })
    }
  })

  it('gives the bytes of the text in their order', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, at) => at * 17)
    assert.equal(rootOfBytes(bytes), '00112233-4455-6677-8899-aabbccddeeff')
    assert.deepEqual(bytesOfRoot(rootOfBytes(bytes)), bytes)
  })
})

describe('randomRoot', () => {
  it('marks version and variant of a random UUID', () => {
    assert.equal(randomRoot(zeros), '00000000-0000-4000-8000-000000000000')
  })

  it('gives another one every time', () => {
    const random = systemRandom()
    const roots = new Set(Array.from({ length: 1000 }, () => randomRoot(random)))
    assert.equal(roots.size, 1000)
    for (const root of roots) assert.match(root, /^.{14}4.{4}[89ab]/)
  })
})

describe('namedRoot', () => {
  it('marks version and variant of a name-based UUID', () => {
    const root = namedRoot(parseRoot('6ba7b810-9dad-11d1-80b4-00c04fd430c8'), 'python.org')
    assert.equal(root, '886313e1-3b8a-5372-9b90-0c9aee199e5d')
  })
})

describe('systemRandom', () => {
  it('gives as many bytes as asked for, also more than it keeps', () => {
    const random = systemRandom()
    for (const length of [0, 1, 16, 4096, 10_000]) assert.equal(random.bytes(length).length, length)
  })

  it('never gives the same bytes twice, nor memory that changes later', () => {
    const random = systemRandom()
    const first = random.bytes(16)
    const copy = first.slice()
    const others = Array.from({ length: 600 }, () => random.bytes(16).join())
    assert.deepEqual(first, copy)
    assert.equal(new Set([...others, first.join()]).size, 601)
  })

  it('gives fractions from 0 up to but not including 1', () => {
    const random = systemRandom()
    for (let n = 0; n < 1000; n++) {
      const fraction = random.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
    }
  })
})

describe('writeIds', () => {
  it('sort by the time they were made, and by call within one millisecond', () => {
    let nowMs = 1_000n
    const next = writeIds(
      clockAt(() => nowMs),
      zeros,
    )
    const ids = [next(), next()]
    nowMs += 1n
    ids.push(next())
    nowMs += 1_000_000n
    ids.push(next(), next())
    assert.deepEqual(ids.toSorted(), ids)
    assert.equal(new Set(ids).size, ids.length)
  })

  it('go on in order when the clock goes back', () => {
    let nowMs = 1_000n
    const next = writeIds(
      clockAt(() => nowMs),
      zeros,
    )
    const first = next()
    nowMs = 10n
    assert.ok(next() > first)
  })

  it('differ between two sessions at the same time', () => {
    const clock = clockAt(() => 5n)
    const random = systemRandom()
    assert.notEqual(writeIds(clock, random)(), writeIds(clock, random)())
  })
})

function clockAt(nowMs: () => bigint): Clock {
  return {
    wall: () => nowMs() * NANOSECONDS_PER_MS,
    monotonicMs: () => Number(nowMs()),
    after: () => ({ cancel: () => undefined }),
  }
}
